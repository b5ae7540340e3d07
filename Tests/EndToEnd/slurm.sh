#!/bin/sh
# A Slurm of one node on this host, for tests: slurm.sh start FOLDER PORT, slurm.sh stop FOLDER.
# Daemons listen on the loopback only, keep everything in the folder, and are ended by their process ids.
# Debian: apt-get install slurmctld slurmd slurm-client munge. It must run as root.
set -eu
folder=$2
PATH=$PATH:/usr/sbin:/sbin

stop() {
    for daemon in slurmctld slurmd munged; do
        if [ -f "$folder/$daemon.pid" ]; then
            kill "$(cat "$folder/$daemon.pid")" 2>/dev/null || true
        fi
    done
}

start() {
    port=$1
    host=$(hostname)
    mkdir -p "$folder/state" "$folder/spool"
    chmod 755 "$folder"
    dd if=/dev/urandom of="$folder/munge.key" bs=128 count=1 2>/dev/null
    chmod 600 "$folder/munge.key"
    cat > "$folder/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge.socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
MinJobAge=300
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmctldPort=$port
SlurmdPort=$((port + 1))
NodeName=$host NodeAddr=127.0.0.1 NodeHostname=$host CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
    munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/munged.seed"
    slurmctld -f "$folder/slurm.conf"
    slurmd -f "$folder/slurm.conf"
    export SLURM_CONF="$folder/slurm.conf"
    tries=0
    until sinfo --noheader --format=%t 2>/dev/null | grep -q '^idle'; do
        tries=$((tries + 1))
        if [ $tries -gt 120 ]; then
            echo "the node does not become idle:" >&2
            tail -5 "$folder"/*.log >&2
            stop
            exit 1
        fi
        sleep 0.25
    done
}

case $1 in
start) start "$3" ;;
stop) stop ;;
esac
