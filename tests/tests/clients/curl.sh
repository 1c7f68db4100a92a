# What somebody writes who knows curl and not this project. The argument is the URL of a server; everything else
# happens in the current folder.
set -eu
url="$1/api/users/900"
json='Content-Type: application/json'

# expect STATUS ARGUMENTS..: one request, whose content ends in the file `answer`.
expect() {
  expected=$1
  shift
  got=$(curl --silent --show-error --max-time 20 --output answer --dump-header fields --write-out '%{http_code}' "$@") || {
    echo "curl $*: exit status $?"
    exit 1
  }
  if [ "$got" != "$expected" ]; then
    echo "curl $*: $got instead of $expected"
    cat fields answer
    exit 1
  fi
}

printf '{"name":"Ada","email":"ada@example.org"}' >user.json

# -T is a PUT.
expect 201 -T user.json -H "$json" "$url"
expect 200 -T user.json -H "$json" -H 'Expect: 100-continue' "$url"
expect 200 -X PUT -d @user.json -H "$json" "$url"
expect 200 -X PUT --json '{"name":"Ada","email":"ada@example.org","nickname":"Countess"}' "$url"
# From a pipe the length is not known, so the content is chunked.
expect 200 -T - -H "$json" "$url" <user.json
# -d alone says that it is a form.
expect 415 -X PUT -d @user.json "$url"

# The entity tag in a file, as `curl --etag-compare` keeps it.
expect 200 --etag-save tag "$url"
grep -q '^"' tag
expect 304 --etag-compare tag "$url"
tag=$(tr -d '\r\n' <tag)
expect 200 -X PUT -d '{"name":"Ada Lovelace","email":"ada@example.org"}' -H "$json" -H "If-Match: $tag" "$url"
expect 412 -X PUT -d '{"name":"Augusta","email":"ada@example.org"}' -H "$json" -H "If-Match: $tag" "$url"
expect 200 --etag-compare tag --etag-save tag "$url"
grep -q 'Ada Lovelace' answer
expect 412 -T user.json -H "$json" -H 'If-None-Match: *' "$url"
expect 200 --head "$url"
expect 204 -X OPTIONS "$url"
expect 405 -X DELETE "$url"

# With Expect a large file is refused before it is sent; without it, it is sent and the answer is there all the same.
head -c 5000000 /dev/zero | tr '\0' ' ' >large.json
expect 413 -T large.json -H "$json" "$url"
expect 413 -T large.json -H "$json" -H 'Expect:' "$url"
expect 413 -T large.json -H "$json" -H 'Expect:' -H 'Transfer-Encoding: chunked' "$url"
grep -q '"limit":1048576' answer

# One connection, many requests.
expect 200200200 "$url" --next --silent --max-time 20 --output answer --write-out '%{http_code}' -T user.json -H "$json" "$url" \
  --next --silent --max-time 20 --output answer --write-out '%{http_code}' "$url"
echo "done"
