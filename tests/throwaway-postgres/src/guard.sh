# Stands between a test and its PostgreSQL, and runs as the user that PostgreSQL runs as.
#
# It reads what to do from a pipe that only the test holds. However the test ends, with SIGKILL too, the pipe closes;
# then the server is stopped and its folder removed. One word a line comes in, and one line goes out for each.
bin=$1
folder=$2
server=

end() {
    trap '' TERM
    if [ -n "$server" ]; then
        # An immediate shutdown: nobody will start on this folder again. The test may have died while it held the server
        # with SIGSTOP.
        kill -s QUIT "$server"
        kill -s CONT "$server"
        tries=0
        while kill -s 0 "$server" && [ "$tries" -lt 200 ]; do
            tries=$((tries + 1))
            [ "$tries" -lt 100 ] || kill -s KILL "$server"
            sleep 0.1
        done
    fi
    # A server that was killed has left its shared memory, whose identifier is the second number in this line.
    if [ -f "$folder/data/postmaster.pid" ]; then
        set -- $(sed -n 7p "$folder/data/postmaster.pid")
        [ -z "$2" ] || ipcrm -m "$2"
    fi
    rm -rf "$folder"
    # The test knows by this that the guard came so far.
    exit 0
}

exec 2>>"$folder/log"
# What a person types to stop the test is for the test; that it ends is seen by the pipe.
trap '' HUP INT
trap exit TERM
trap end EXIT

while read -r word value; do
    case $word in
    init)
        (umask 077 && printf '%s\n' "$value" >"$folder/password")
        # Without --no-sync each test waits for the disk to have an empty cluster.
        "$bin/initdb" --pgdata="$folder/data" --username=postgres --pwfile="$folder/password" \
            --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync </dev/null >>"$folder/log" 2>&1
        echo "$?"
        ;;
    start)
        "$bin/postgres" -D "$folder/data" -p "$value" </dev/null >>"$folder/log" 2>&1 &
        server=$!
        echo "$server"
        ;;
    gone)
        # Somebody must ask for the status of a process that has ended, or its number stays taken, and the next server
        # takes it for one that still has the folder.
        wait "$server"
        server=
        echo gone
        ;;
    esac
done
