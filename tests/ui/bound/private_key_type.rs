mod inner {
    use put_core::PutResource;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, PutResource)]
    #[put(path = "/users/{id}")]
    pub struct User {
        #[put(key)]
        id: Id,
    }

    #[derive(PartialEq, Eq, Hash, Serialize, Deserialize)]
    struct Id(u64);

    impl std::fmt::Display for Id {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.fmt(f)
        }
    }

    impl std::str::FromStr for Id {
        type Err = std::num::ParseIntError;
        fn from_str(text: &str) -> Result<Self, Self::Err> {
            text.parse().map(Id)
        }
    }
}

fn main() {}
