# What somebody writes who knows curl and not this project. The arguments are the URL of a server and its framework;
# everything else happens in the current folder.
set -eu
url="$1/api/users/900"
framework=$2
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

# same FILE CONTENT: the file is exactly this.
same() {
  if [ "$(cat "$1")" != "$2" ]; then
    echo "$1 is $(cat "$1") and not $2"
    exit 1
  fi
}

# What a program does that edits: create, read, edit with the tag, lose a race, reload, retry. The tag lives in a file.
loop="$1/api/users/901"
printf '{"name":"Ada","email":"ada@example.org"}' >new.json
expect 201 -T new.json -H "$json" -H 'If-None-Match: *' "$loop"
expect 412 -T new.json -H "$json" -H 'If-None-Match: *' "$loop"
expect 200 --etag-save mine "$loop"
ada='{"id":901,"name":"Ada","email":"ada@example.org","role":"user","nickname":null}'
same answer "$ada"
# Not modified: the file that is there stays as it is, and the next comparison is as good.
expect 304 --etag-compare mine --etag-save mine "$loop"
expect 304 --etag-compare mine --etag-save mine "$loop"
same answer "$ada"
sed 's/"Ada"/"Ada Lovelace"/' answer >edited.json
expect 200 -T edited.json -H "$json" -H "If-Match: $(cat mine)" --etag-save mine "$loop"
expect 304 --etag-compare mine "$loop"
# Somebody else is quicker.
expect 200 --etag-save theirs "$loop"
sed 's/null/"Countess"/' answer >theirs.json
expect 200 -T theirs.json -H "$json" -H "If-Match: $(cat theirs)" "$loop"
sed 's/"user"/"admin"/' edited.json >edited.json.new
expect 412 -T edited.json.new -H "$json" -H "If-Match: $(cat mine)" "$loop"
expect 200 --etag-compare mine --etag-save mine "$loop"
sed 's/"user"/"admin"/' answer >edited.json
expect 200 -T edited.json -H "$json" -H "If-Match: $(cat mine)" "$loop"
expect 200 "$loop"
same answer '{"id":901,"name":"Ada Lovelace","email":"ada@example.org","role":"admin","nickname":"Countess"}'

# Eight at once with one tag; one of them wins.
expect 200 --etag-save mine "$loop"
for racer in 1 2 3 4 5 6 7 8; do
  sed "s/Countess/racer $racer/" answer >"racer$racer.json"
  curl --silent --max-time 20 --output "raced$racer" --write-out '%{http_code}\n' -T "racer$racer.json" -H "$json" \
    -H "If-Match: $(cat mine)" "$loop" >"status$racer" &
done
wait
sort status? | tr '\n' ' ' >statuses
same statuses '200 412 412 412 412 412 412 412 '
winner=$(grep -l 200 status? | tr -d 'a-z')
expect 200 "$loop"
same answer "$(cat "racer$winner.json")"

printf '{"name":"Ada","email":"ada@example.org"}' >user.json

# The ways to say PUT; -T is one.
expect 201 -T user.json -H "$json" "$url"
expect 200 -T user.json -H "$json" -H 'Expect: 100-continue' "$url"
expect 200 -X PUT -d @user.json -H "$json" "$url"
expect 200 -X PUT --json '{"name":"Ada","email":"ada@example.org","nickname":"Countess"}' "$url"
# From a pipe the length is not known, so the content is chunked.
expect 200 -T - -H "$json" "$url" <user.json
# -d alone says that it is a form.
expect 415 -X PUT -d @user.json "$url"

# The other methods.
expect 412 -T user.json -H "$json" -H 'If-None-Match: *' "$url"
expect 200 --head "$url"
expect 204 -X OPTIONS "$url"
expect 405 -X DELETE "$url"

# refused STATUS ARGUMENTS..: a refusal of what curl sends only once it is told to go on. Axum asks for nothing that it
# refuses; Actix says 100 for itself, so there only the status is the same.
refused() {
  expect "$@" -H 'Expect: 100-continue' --expect100-timeout 20 "$url"
  if [ "$framework" = axum ] && grep -q '^HTTP/1.1 100' fields; then
    echo "the content was asked for, and then refused: $*"
    cat fields
    exit 1
  fi
}

# A file that is just not too large: with Expect it is sent when it is welcome, and only then.
head -c 1000000 /dev/zero | tr '\0' 'x' >name
printf '{"name":"%s","email":"ada@example.org"}' "$(cat name)" >long.json
expect 200 -T long.json -H "$json" -H 'Expect: 100-continue' --expect100-timeout 20 --etag-save tag "$url"
grep -q '^HTTP/1.1 100' fields
grep -q "^{\"id\":900,\"name\":\"x*\"," answer
[ "$(tr -dc 'x' <answer | wc -c)" -eq 1000001 ] # one x is in the address
refused 412 -T long.json -H "$json" -H 'If-Match: "another"'
refused 412 -T long.json -H "$json" -H 'If-None-Match: *'
refused 412 -T - -H "$json" -H 'If-Match: "another"' <long.json
refused 415 -T long.json -H 'Content-Type: text/plain'
expect 304 --etag-compare tag "$url"

# With Expect a large file is refused before it is sent; without it, it is sent and the answer is there all the same.
head -c 5000000 /dev/zero | tr '\0' ' ' >large.json
refused 413 -T large.json -H "$json"
expect 413 -T large.json -H "$json" "$url"
expect 413 -T large.json -H "$json" -H 'Expect:' "$url"
expect 413 -T large.json -H "$json" -H 'Expect:' -H 'Transfer-Encoding: chunked' "$url"
grep -q '"limit":1048576' answer

# One connection, many requests.
expect 200200200 "$url" --next --silent --max-time 20 --output answer --write-out '%{http_code}' -T user.json -H "$json" "$url" \
  --next --silent --max-time 20 --output answer --write-out '%{http_code}' "$url"
echo "done"
