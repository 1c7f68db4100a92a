//! What the generated resources look like: a key, a name, and four to six members of varied types that rotate with
//! the resource's number, so that neighbours differ as the resources of an application do.

/// A member: its name, its type, and a value on the wire. `{n}` in a type is the resource's number.
struct Member {
    name: &'static str,
    kind: &'static str,
    sample: &'static str,
    /// Whether its type is the enum that the resource's file declares.
    own_enum: bool,
}

const MEMBERS: [Member; 9] = [
    member("count", "u32", "3"),
    member("price", "f64", "2.5"),
    member("tags", "Vec<String>", r#"["a","b"]"#),
    member("nickname", "Option<String>", "null"),
    member("active", "bool", "true"),
    member("labels", "BTreeMap<String, String>", r#"{"a":"b"}"#),
    Member { name: "stage", kind: "Stage{n}", sample: r#""active""#, own_enum: true },
    member("weight", "Option<i64>", "-1"),
    member("parent", "Option<u64>", "7"),
];

const fn member(name: &'static str, kind: &'static str, sample: &'static str) -> Member {
    Member { name, kind, sample, own_enum: false }
}

/// One resource: the text of its struct and a content that fits it.
pub(super) struct Resource {
    pub(super) number: usize,
    members: Vec<&'static Member>,
}

impl Resource {
    pub(super) fn new(number: usize) -> Self {
        let count = 4 + number % 3;
        let members = (0..count).map(|offset| &MEMBERS[(number + 2 * offset) % MEMBERS.len()]).collect();
        Self { number, members }
    }

    /// Where it is mounted, as a route.
    pub(super) fn route(&self) -> String {
        format!("/api/resource{}/{{id}}", self.number)
    }

    /// The `use` lines, the struct and its enum. `derives` and `container` go before the struct, `key` before its key.
    pub(super) fn declaration(&self, derives: &str, container: &str, key: &str) -> String {
        let number = self.number;
        let members: String = self.members.iter().map(|member| member.declaration(number)).collect();
        let own_enum = if self.members.iter().any(|member| member.own_enum) {
            OWN_ENUM.replace("{n}", &number.to_string())
        } else {
            String::new()
        };
        format!(
            "#[derive(Clone, Debug, Serialize, Deserialize{derives})]\n{container}pub struct Resource{number} {{\n\
             {key}    pub id: u64,\n    pub name: String,\n{members}}}\n{own_enum}"
        )
    }

    /// `use std::collections::BTreeMap;` when the struct needs it.
    pub(super) fn imports(&self) -> &'static str {
        if self.members.iter().any(|member| member.kind.starts_with("BTreeMap")) {
            "use std::collections::BTreeMap;\n"
        } else {
            ""
        }
    }

    /// A content for the resource with the key 1.
    pub(super) fn sample(&self) -> String {
        let members: String =
            self.members.iter().map(|member| format!(r#","{}":{}"#, member.name, member.sample)).collect();
        format!(r#"{{"id":1,"name":"one"{members}}}"#)
    }
}

impl Member {
    fn declaration(&self, number: usize) -> String {
        let default = if self.own_enum { "    #[serde(default)]\n" } else { "" };
        let kind = self.kind.replace("{n}", &number.to_string());
        format!("{default}    pub {}: {kind},\n", self.name)
    }
}

const OWN_ENUM: &str = r#"
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage{n} {
    #[default]
    Draft,
    Active,
    Closed,
}
"#;
