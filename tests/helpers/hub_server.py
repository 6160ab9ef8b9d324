"""A local server that speaks as much of the Hub's HTTP interface as is needed.

Repositories of models with one branch, `main`, and the LFS protocol for large
files (not Xet): what `huggingface_hub` asks for when it creates a repository,
commits to it, and downloads it. `hf_write` may do everything, `hf_read` reads.
"""

import base64
import dataclasses
import hashlib
import http.server
import json
import re
import threading
from urllib.parse import unquote, urlsplit

TOKENS = {"hf_write": True, "hf_read": False}
LFS = (".h5", ".png")


@dataclasses.dataclass
class Repository:
    private: bool
    # Commit -> path -> bytes, the newest last.
    commits: dict = dataclasses.field(default_factory=lambda: {"0" * 40: {}})

    def commit(self, revision):
        if revision in (None, "main"):
            revision = [*self.commits][-1]
        return revision if revision in self.commits else None

    @property
    def files(self):
        return self.commits[self.commit("main")]


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.repositories, self.blobs, self.requests = {}, {}, []

    def __enter__(self):
        threading.Thread(
            target=self.serve_forever, args=(0.01,), daemon=True
        ).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()


class _Error(Exception):
    def __init__(self, status, code="", message=""):
        self.status, self.code, self.message = status, code, message


def _etag(path, data):
    if path.endswith(LFS):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, content=b"", headers=()):
        data = content
        if not isinstance(content, bytes):
            data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {
            "Content-Length": len(data),
            **dict(headers),
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def handle_request(self):
        size = int(self.headers.get("Content-Length", 0))
        self.body = self.rfile.read(size)
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(f"{self.command} {path}")
        try:
            for method, pattern, function in _ROUTES:
                match = re.fullmatch(pattern, path)
                if match and self.command in method:
                    return function(self, *match.groups())
            raise _Error(501, message=f"not in this server: {path}")
        except _Error as error:
            headers = {"X-Error-Code": error.code} if error.code else {}
            if error.message:
                headers["X-Error-Message"] = error.message
            self.answer(error.status, {"error": error.message}, headers)

    do_GET = do_HEAD = do_POST = do_PUT = handle_request

    @property
    def token(self):
        header = self.headers.get("Authorization", "")
        return header.removeprefix("Bearer ") or None

    def authorize(self):
        if self.token not in TOKENS:
            raise _Error(401, message="Invalid username or password.")
        if not TOKENS[self.token]:
            raise _Error(403, message="You don't have the rights.")

    def repository(self, name, revision=None):
        """The repository and the commit, for whoever may see it."""
        found = self.server.repositories.get(name)
        if self.token is not None and self.token not in TOKENS:
            raise _Error(401, message="Invalid username or password.")
        if found is None or (found.private and self.token is None):
            status = 401 if self.token is None else 404
            raise _Error(status, "RepoNotFound", "Repository not found")
        commit = found.commit(revision)
        if commit is None:
            raise _Error(404, "RevisionNotFound", "Invalid rev id")
        return found, commit

    def info(self, name, revision):
        found, commit = self.repository(name, revision)
        names = [{"rfilename": path} for path in found.commits[commit]]
        fields = {"_id": "0", "id": name, "modelId": name, "sha": commit}
        fields |= {"private": found.private, "siblings": names}
        self.answer(200, {**fields, "tags": [], "downloads": 0, "likes": 0})

    def tree(self, name, revision):
        found, commit = self.repository(name, revision)
        rows = []
        for path, data in found.commits[commit].items():
            row = {"type": "file", "path": path, "size": len(data)}
            row["oid"] = _etag("", data)
            if path.endswith(LFS):
                oid, size = _etag(path, data), len(data)
                row["lfs"] = {"oid": oid, "size": size, "pointerSize": 134}
            rows.append(row)
        self.answer(200, rows)

    def resolve(self, name, revision, path):
        found, commit = self.repository(name, revision)
        if path not in found.commits[commit]:
            raise _Error(404, "EntryNotFound", "Entry not found")
        data = found.commits[commit][path]
        headers = {"X-Repo-Commit": commit, "ETag": f'"{_etag(path, data)}"'}
        headers["X-Linked-Size"] = len(data)
        self.answer(200, data, headers)

    def create(self):
        self.authorize()
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        found = {"url": f"{self.server.url}/{name}", "name": name, "id": "0"}
        if name in self.server.repositories:
            return self.answer(409, {**found, "error": "it is there"})
        # Newer clients say "visibility".
        private = asked.get("visibility") == "private" or asked.get("private")
        self.server.repositories[name] = Repository(bool(private))
        self.answer(200, found)

    def preupload(self, name, revision):
        self.authorize()
        found, _ = self.repository(name)
        rows = []
        for file in json.loads(self.body)["files"]:
            path, there = file["path"], found.files.get(file["path"])
            rows.append(
                {
                    "path": path,
                    "uploadMode": "lfs" if path.endswith(LFS) else "regular",
                    "shouldIgnore": False,
                    "oid": there and _etag(path, there),
                }
            )
        self.answer(200, {"files": rows})

    def batch(self, name):
        self.authorize()
        rows = []
        for item in json.loads(self.body)["objects"]:
            row = {"oid": item["oid"], "size": item["size"]}
            if item["oid"] not in self.server.blobs:
                address = f"{self.server.url}/lfs/{item['oid']}"
                row["actions"] = {"upload": {"href": address}}
            rows.append(row)
        self.answer(200, {"transfer": "basic", "objects": rows})

    def store(self, oid):
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise _Error(400, message="wrong digest")
        self.server.blobs[oid] = self.body
        self.answer(200)

    def commit(self, name, revision):
        self.authorize()
        found, before = self.repository(name)
        files = {**found.files}
        for line in self.body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.server.blobs[value["oid"]]
            elif item["key"] == "deletedFile":
                del files[value["path"]]
        commit = hashlib.sha1(before.encode() + self.body).hexdigest()
        found.commits[commit] = files
        address = f"{self.server.url}/{name}/commit/{commit}"
        self.answer(200, {"commitOid": commit, "commitUrl": address})

    def validate(self):
        self.answer(200, {"errors": [], "warnings": []})


_NAME = "([^/]+/[^/]+)"
_ROUTES = (
    ("GET", f"/api/models/{_NAME}(?:/revision/(.+))?", _Handler.info),
    ("GET", f"/api/models/{_NAME}/tree/([^/]+)", _Handler.tree),
    ("GET HEAD", f"/{_NAME}/resolve/([^/]+)/(.+)", _Handler.resolve),
    ("POST", "/api/repos/create", _Handler.create),
    ("POST", "/api/validate-yaml", _Handler.validate),
    ("POST", f"/api/models/{_NAME}/preupload/(.+)", _Handler.preupload),
    ("POST", f"/{_NAME}\\.git/info/lfs/objects/batch", _Handler.batch),
    ("POST", f"/api/models/{_NAME}/commit/(.+)", _Handler.commit),
    ("PUT", "/lfs/([0-9a-f]+)", _Handler.store),
)
