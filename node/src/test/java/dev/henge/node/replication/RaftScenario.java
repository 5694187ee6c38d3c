package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario: commands, one a line, each followed by what it is expected to print. Time stands still but in
 * {@code wait}; disks sync, and messages move, only when told.
 *
 * <pre>
 * group a b c                 members that begin the group
 * group-of-small-appends a b c    the same, with one entry in an append
 * node d [group members]      one more replica, no member yet
 * wait a 500                  its clock goes on by so many milliseconds, and it gets a tick
 * wait-all 100
 * sync a | sync-all           what it wrote is durable
 * deliver a b                 all messages under way from a to b
 * settle                      deliver and sync everything, until nothing is left
 * cut a b | cut a | heal      messages under way and to come are lost
 * restart a                   a crash: what was not synced is lost
 * support a b no              b's node supports a's no more, a's gives it none either
 * propose a x y
 * add a d | promote a d | remove a d     asked of a
 * transfer a b
 * status
 * log a
 * </pre>
 */
final class RaftScenario {

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private record Flight(String from, String to, RaftMessage message) {}

    private final Map<String, TestReplica> replicas = new LinkedHashMap<>();
    private final List<Flight> flights = new ArrayList<>();
    private final List<String> cuts = new ArrayList<>();
    private final StringBuilder transcript = new StringBuilder();

    /** The scenario with what its commands print now in the place of what is expected. */
    static String run(String scenario) {
        RaftScenario run = new RaftScenario();
        for (String line : scenario.lines().toList()) {
            if (line.startsWith("#") || line.isBlank()) {
                run.transcript.append(line).append('\n');
            } else if (!line.startsWith("  ")) {
                run.transcript.append(line).append('\n');
                run.command(line.split(" "));
            }
        }
        return run.transcript.toString();
    }

    private void print(String format, Object... arguments) {
        transcript.append("  ").append(String.format(format, arguments)).append('\n');
    }

    private TestReplica replica(String name) {
        TestReplica replica = replicas.get(name);
        if (replica == null) {
            throw new IllegalArgumentException("no replica " + name);
        }
        return replica;
    }

    private void command(String[] words) {
        switch (words[0]) {
            case "group" -> {
                String[] members = Arrays.copyOfRange(words, 1, words.length);
                for (String member : members) {
                    replicas.put(member, new TestReplica(member, members));
                }
                connect();
            }
            case "group-of-small-appends" -> {
                List<String> members = List.of(words).subList(1, words.length);
                for (String member : members) {
                    replicas.put(member, new TestReplica(TestReplica.smallAppends(member, members)));
                }
                connect();
            }
            case "node" -> {
                replicas.put(words[1], new TestReplica(words[1], Arrays.copyOfRange(words, 2, words.length)));
                connect();
            }
            case "wait" -> pass(words[1], Long.parseLong(words[2]));
            case "wait-all" -> replicas.keySet().forEach(name -> pass(name, Long.parseLong(words[1])));
            case "sync" -> sync(words[1]);
            case "sync-all" -> replicas.keySet().forEach(this::sync);
            case "deliver" -> deliver(words[1], words[2]);
            case "settle" -> settle();
            case "cut" -> cut(words);
            case "heal" -> heal();
            case "restart" -> {
                replica(words[1]).restart();
                flights.removeIf(
                        flight -> flight.from().equals(words[1]) || flight.to().equals(words[1]));
            }
            case "support" -> {
                replica(words[1]).receiveSupport(words[2], 0, 0);
                replica(words[1]).withdraw(words[2]);
                collect(words[1]);
            }
            case "propose" -> {
                Effects effects = replica(words[1]).propose(Arrays.copyOfRange(words, 2, words.length));
                result(words[1], effects);
            }
            case "add" -> change(words[1], new ConfigurationChange.AddLearner(words[2]));
            case "promote" -> change(words[1], new ConfigurationChange.Promote(words[2]));
            case "remove" -> change(words[1], new ConfigurationChange.Remove(words[2]));
            case "transfer" -> {
                replica(words[1]).transferTo(words[2]);
                collect(words[1]);
                String target = replica(words[1]).core.transferTarget();
                if (target == null) {
                    print("%s does not hand over", words[1]);
                } else {
                    print("%s hands over to %s", words[1], target);
                }
            }
            case "status" -> replicas.keySet().forEach(this::status);
            case "log" -> print("%s: %s", words[1], log(words[1]));
            default -> throw new IllegalArgumentException("unknown command: " + String.join(" ", words));
        }
    }

    /** All nodes support each other. */
    private void connect() {
        replicas.forEach((name, replica) -> {
            for (String other : replicas.keySet()) {
                if (!other.equals(name)) {
                    replica.support.peer(other).given = FakeSupport.SESSION;
                }
            }
        });
    }

    private void pass(String name, long millis) {
        replica(name).tickAfter(millis);
        collect(name);
    }

    private void sync(String name) {
        replica(name).syncIfNeeded();
        collect(name);
    }

    private void change(String name, ConfigurationChange change) {
        result(name, replica(name).change(change));
    }

    private void result(String name, Effects effects) {
        collect(name);
        ProposalResult result = effects.proposal();
        if (result == null) {
            throw new IllegalStateException("a proposal without a result");
        }
        switch (result) {
            case ProposalResult.Accepted accepted ->
                print("%s appends at %d in term %d", name, accepted.firstIndex(), accepted.term());
            case ProposalResult.NotLeader refused ->
                print("%s does not lead, %s does", name, orUnknown(refused.leader()));
            case ProposalResult.Transferring refused -> print("%s hands over to %s", name, refused.to());
            case ProposalResult.ChangeRefused refused -> print("%s refuses: %s", name, refused.reason());
            case ProposalResult.Overloaded refused -> print("%s is overloaded", name);
        }
    }

    private void collect(String name) {
        for (Envelope envelope : replica(name).sent()) {
            if (!isCut(name, envelope.to()) && replicas.containsKey(envelope.to())) {
                flights.add(new Flight(name, envelope.to(), envelope.message()));
            }
        }
    }

    private void deliver(String from, String to) {
        List<Flight> due = flights.stream()
                .filter(flight -> flight.from().equals(from) && flight.to().equals(to))
                .toList();
        flights.removeAll(due);
        if (due.isEmpty()) {
            print("nothing");
        }
        due.forEach(flight -> {
            print("%s -> %s %s", from, to, describe(flight.message()));
            receive(flight);
        });
    }

    private void receive(Flight flight) {
        TestReplica receiver = replica(flight.to());
        Role before = receiver.core.role();
        long termBefore = receiver.core.term();
        receiver.receive(flight.from(), flight.message());
        collect(flight.to());
        if (receiver.core.role() != before || receiver.core.term() != termBefore) {
            print("%s: %s in term %d", flight.to(), receiver.core.role(), receiver.core.term());
        }
    }

    private void settle() {
        for (int rounds = 0; rounds < 10_000; rounds++) {
            Map<String, Role> before = roles();
            boolean synced = false;
            for (TestReplica replica : replicas.values()) {
                synced |= replica.syncIfNeeded();
            }
            replicas.keySet().forEach(this::collect);
            printChanges(before);
            if (flights.isEmpty()) {
                if (!synced) {
                    return;
                }
                continue;
            }
            receive(flights.removeFirst());
        }
        throw new IllegalStateException("it never comes to rest");
    }

    private Map<String, Role> roles() {
        Map<String, Role> roles = new LinkedHashMap<>();
        replicas.forEach((name, replica) -> roles.put(name, replica.core.role()));
        return roles;
    }

    private void printChanges(Map<String, Role> before) {
        before.forEach((name, role) -> {
            RaftCore core = replica(name).core;
            if (core.role() != role) {
                print("%s: %s in term %d", name, core.role(), core.term());
            }
        });
    }

    private void cut(String[] words) {
        for (String other : replicas.keySet()) {
            if (words.length == 2 && !other.equals(words[1]) || words.length == 3 && other.equals(words[2])) {
                cuts.add(words[1] + " " + other);
                cuts.add(other + " " + words[1]);
                lose(words[1], other, 0);
                lose(other, words[1], 0);
            }
        }
        flights.removeIf(flight -> isCut(flight.from(), flight.to()));
    }

    private void lose(String name, String other, long session) {
        replica(name).support.peer(other).received = session;
        replica(name).support.peer(other).given = session;
        replica(name).step(new RaftEvent.SupportChanged(other, replica(name).nowMillis * MILLI));
        collect(name);
    }

    private void heal() {
        List<String> healed = List.copyOf(cuts);
        cuts.clear();
        for (String pair : healed) {
            String[] names = pair.split(" ");
            // Once withdrawn, a session never comes back.
            lose(names[0], names[1], FakeSupport.SESSION + 1);
        }
    }

    private boolean isCut(String from, String to) {
        return cuts.contains(from + " " + to);
    }

    private void status(String name) {
        TestReplica replica = replica(name);
        RaftCore core = replica.core;
        print(
                "%s: %s, term %d, leader %s, last %d, commit %d, members %s",
                name,
                core.role(),
                core.term(),
                orUnknown(core.leader()),
                replica.log.lastIndex(),
                core.commitIndex(),
                TestConfigurations.names(core.configuration()));
    }

    private static String orUnknown(@Nullable String leader) {
        return leader == null ? "unknown" : leader;
    }

    private String log(String name) {
        TestReplica replica = replica(name);
        List<String> entries = new ArrayList<>();
        for (long index = replica.log.baseIndex() + 1; index <= replica.log.lastIndex(); index++) {
            entries.add(describe(replica.log.entry(index)));
        }
        return String.join(", ", entries);
    }

    private static String describe(LogEntry entry) {
        ByteString payload = entry.payload();
        return entry.index() + "@" + entry.term() + (payload.isEmpty() ? "" : " " + payload.toStringUtf8());
    }

    private static String describe(RaftMessage message) {
        return switch (message) {
            case RaftMessage.Append append ->
                "append term %d after %d@%d commit %d: %s"
                        .formatted(
                                append.term(),
                                append.previousIndex(),
                                append.previousTerm(),
                                append.commitIndex(),
                                append.entries().isEmpty()
                                        ? "nothing"
                                        : String.join(
                                                ", ",
                                                append.entries().stream()
                                                        .map(RaftScenario::describe)
                                                        .toList()));
            case RaftMessage.AppendReply reply ->
                reply.accepted()
                        ? "holds up to %d, term %d".formatted(reply.matchIndex(), reply.term())
                        : "refuses at %d, may agree at %d@%d, term %d"
                                .formatted(reply.matchIndex(), reply.hintIndex(), reply.hintTerm(), reply.term());
            case RaftMessage.PreVote preVote ->
                "would you vote in term %d, last %d@%d"
                        .formatted(preVote.term(), preVote.lastIndex(), preVote.lastTerm());
            case RaftMessage.PreVoteReply reply ->
                "would %s, term %d".formatted(reply.granted() ? "vote" : "not vote", reply.term());
            case RaftMessage.Vote vote ->
                "asks for a vote in term %d, last %d@%d%s"
                        .formatted(
                                vote.term(), vote.lastIndex(), vote.lastTerm(), vote.transfer() ? ", by transfer" : "");
            case RaftMessage.VoteReply reply ->
                "%s, term %d".formatted(reply.granted() ? "votes" : "does not vote", reply.term());
            case RaftMessage.Heartbeat heartbeat ->
                "heartbeat term %d commit %d".formatted(heartbeat.term(), heartbeat.commitIndex());
            case RaftMessage.HeartbeatReply reply -> "hears it, term %d".formatted(reply.term());
            case RaftMessage.Release release -> "releases term %d".formatted(release.term());
            case RaftMessage.TimeoutNow timeoutNow -> "campaign now, term %d".formatted(timeoutNow.term());
        };
    }
}
