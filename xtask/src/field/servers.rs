//! The servers, and how each is started and asked. Their files and what they document is in `docs/field`.

/// One server that other people wrote.
pub(super) struct Server {
    /// Its folder in `docs/field`.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) source: Source,
    /// Programs that must be on the machine, besides those of its source.
    pub(super) needs: &'static [&'static str],
    /// What starts it, in its folder: `@port@`, `@arch@`, `@here@` and `@programs@` are filled in, here and in its files.
    pub(super) start: &'static [&'static str],
    /// What must be put before it can be looked at: a path and the file with the content.
    pub(super) before: &'static [(&'static str, &'static str)],
    /// The path of a resource, with `{}` for its key.
    pub(super) path: &'static str,
    pub(super) key_kind: &'static str,
    /// A key. A server whose PUT creates nothing has a resource there.
    pub(super) key: &'static str,
}

/// Where a server comes from.
pub(super) enum Source {
    /// Debian packages, unpacked into `debian` and not installed.
    Debian(&'static [&'static str]),
    /// `package.json`
    Npm,
    /// `requirements.txt`
    Pip,
    /// `Cargo.toml`
    Cargo,
    /// A package of this workspace, of the same name.
    Workspace,
}

impl Source {
    /// What fetches it.
    pub(super) fn programs(&self) -> &'static [&'static str] {
        match self {
            Self::Debian(_) => &["apt-get", "dpkg"],
            Self::Npm => &["npm", "node"],
            Self::Pip => &["python3"],
            Self::Cargo | Self::Workspace => &["cargo"],
        }
    }
}

/// What most servers have in common.
const USERS: Server = Server {
    name: "",
    about: "",
    source: Source::Npm,
    needs: &[],
    start: &[],
    before: &[],
    path: "/users/{}",
    key_kind: "int",
    key: "1",
};

/// The first example of this project, for comparison. It is none of those that other people wrote.
pub(super) const QUICKSTART: Server = Server {
    name: "quickstart",
    about: "the example of this project, over SQLite in a file",
    source: Source::Workspace,
    start: &["env", "ADDR=127.0.0.1:@port@", "DATABASE=data/quickstart.db", "@programs@/quickstart"],
    path: "/api/users/{}",
    ..USERS
};

pub(super) const SERVERS: [Server; 12] = [
    Server {
        name: "nginx",
        about: "files, ngx_http_dav_module",
        source: Source::Debian(&["nginx", "nginx-common"]),
        start: &["debian/usr/sbin/nginx", "-p", ".", "-c", "nginx.conf"],
        path: "/{}.json",
        ..USERS
    },
    Server {
        name: "apache",
        about: "files, mod_dav and mod_dav_fs",
        source: Source::Debian(&["apache2-bin", "libapr1", "libaprutil1", "media-types"]),
        start: &[
            "env",
            "LD_LIBRARY_PATH=debian/usr/lib/@arch@-linux-gnu",
            "debian/usr/sbin/apache2",
            "-DFOREGROUND",
            "-f",
            "@here@/httpd.conf",
        ],
        path: "/{}.json",
        ..USERS
    },
    Server {
        name: "tomcat",
        about: "files, the default servlet",
        source: Source::Debian(&["tomcat10-common", "libtomcat10-java"]),
        needs: &["java"],
        start: &[
            "java",
            "-classpath",
            "debian/usr/share/tomcat10/bin/bootstrap.jar:debian/usr/share/tomcat10/bin/tomcat-juli.jar",
            "-Dcatalina.home=debian/usr/share/tomcat10",
            "-Dcatalina.base=.",
            "-Djava.io.tmpdir=data",
            "org.apache.catalina.startup.Bootstrap",
            "start",
        ],
        path: "/{}.json",
        ..USERS
    },
    Server {
        name: "solid",
        about: "Community Solid Server, in memory",
        source: Source::Npm,
        start: &[
            "node",
            "--require",
            "./loopback.cjs",
            "node_modules/@solid/community-server/bin/server.js",
            "--port",
            "@port@",
            "--baseUrl",
            "http://127.0.0.1:@port@/",
            "--loggingLevel",
            "warn",
        ],
        ..USERS
    },
    Server {
        name: "kinto",
        about: "records in memory",
        source: Source::Pip,
        start: &["venv/bin/kinto", "start", "--ini", "kinto.ini", "--port", "@port@"],
        before: &[("/v1/buckets/field", "bucket.json"), ("/v1/buckets/field/collections/users", "bucket.json")],
        path: "/v1/buckets/field/collections/users/records/{}",
        ..USERS
    },
    Server {
        name: "json-server",
        about: "a JSON file as an interface",
        source: Source::Npm,
        start: &["node", "node_modules/.bin/json-server", "--host", "127.0.0.1", "--port", "@port@", "data/db.json"],
        ..USERS
    },
    Server {
        name: "django-rest",
        about: "Django REST framework, a ModelViewSet over SQLite",
        source: Source::Pip,
        start: &["venv/bin/python", "main.py", "@port@"],
        path: "/users/{}/",
        ..USERS
    },
    Server {
        name: "crudcrate",
        about: "an interface derived over SQLite in memory",
        source: Source::Cargo,
        start: &["../cargo/debug/field-crudcrate", "@port@"],
        key_kind: "uuid",
        key: "00000000-0000-0000-0000-000000000001",
        ..USERS
    },
    Server {
        name: "webmachine-rust",
        about: "a resource of callbacks",
        source: Source::Cargo,
        start: &["../cargo/debug/field-webmachine-rust", "@port@"],
        ..USERS
    },
    Server {
        name: "express",
        about: "handlers as its guide writes them",
        source: Source::Npm,
        start: &["node", "server.js", "@port@"],
        ..USERS
    },
    Server {
        name: "fastapi",
        about: "handlers as its tutorial writes them",
        source: Source::Pip,
        start: &["venv/bin/uvicorn", "main:app", "--host", "127.0.0.1", "--port", "@port@", "--log-level", "warning"],
        ..USERS
    },
    Server {
        name: "dropshot",
        about: "handlers as its example writes them",
        source: Source::Cargo,
        start: &["../cargo/debug/field-dropshot", "@port@"],
        ..USERS
    },
];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::run::root;

    #[test]
    fn every_server_has_a_folder_and_every_folder_is_told_of() {
        let field = root().join("docs/field");
        let entries = fs::read_dir(&field).unwrap().map(|entry| entry.unwrap());
        let folders =
            entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap());
        let mut folders: Vec<String> = folders.collect();
        folders.sort();
        let mut names = SERVERS.map(|server| server.name);
        names.sort_unstable();
        assert_eq!(folders, names);
        let readme = fs::read_to_string(field.join("README.md")).unwrap();
        for server in SERVERS {
            let name = server.name;
            assert!(readme.contains(&format!("\n| {name} | ")), "README.md has no version of {name}");
            let documents = readme.split("## What they document").nth(1).unwrap();
            assert!(documents.contains(&format!("\n- **{name}**: ")), "README.md names no document of {name}");
        }
    }

    #[test]
    fn every_server_has_one_place_for_the_key() {
        for server in SERVERS {
            assert_eq!(server.path.matches("{}").count(), 1, "{}", server.name);
            assert!(server.path.starts_with('/') && !server.start.is_empty(), "{}", server.name);
        }
    }
}
