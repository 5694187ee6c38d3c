package dev.henge.node.partition;

import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.ConfigurationChange;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.RaftCore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How a leader replaces members that lost their log. A node whose replica is no member says so again and again
 * ({@code NotMember}); where the node has a member by another generation, that one is gone, and the leader takes the new
 * one in as a learner, removes the one that is gone once the new one has caught up, and promotes it. Every step follows
 * from the configuration, so the next leader goes on where this one ended. Each is made only when {@link RaftCore} finds
 * it safe; the last thing lost is thus redundancy that was lost before.
 *
 * <p>A learner is a voter to be: any that has caught up is promoted, whoever asked for it.
 */
final class MembershipRepair {

    /** How often a replica that is no member says so. */
    static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How often the leader looks, while there is something to be done. */
    static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long REPORT_VALID_NANOS = 4 * REPORT_NANOS;

    /** A report may have been on its way for long; one that is repeated, and not contradicted, has not. */
    private static final long BELIEVED_AFTER_NANOS = 2 * REPORT_NANOS;

    private record Report(Member member, long firstNanos, long lastNanos) {}

    private final Map<String, Report> reports = new HashMap<>();

    /** A node says that its replica is this member, and in no configuration that it knows. */
    void reported(Member member, long nowNanos) {
        Report known = reports.get(member.node());
        long firstNanos = nowNanos;
        if (known != null && known.member().equals(member) && nowNanos - known.lastNanos() < REPORT_VALID_NANOS) {
            firstNanos = known.firstNanos();
        }
        reports.put(member.node(), new Report(member, firstNanos, nowNanos));
    }

    /** A message of this member came: it is not gone. */
    void heard(Member member) {
        if (reports.isEmpty()) {
            return;
        }
        Report report = reports.get(member.node());
        if (report != null && !report.member().equals(member)) {
            reports.remove(member.node());
        }
    }

    /** When {@link #next} should be asked again; {@code Long.MAX_VALUE} while there is nothing to do. */
    long nextStepNanos(RaftCore core, long lastStepNanos) {
        return reports.isEmpty() && core.configuration().learners().isEmpty()
                ? Long.MAX_VALUE
                : lastStepNanos + STEP_NANOS;
    }

    /** The next step, for a leader whose last change is committed. */
    Optional<ConfigurationChange> next(RaftCore core, long nowNanos) {
        reports.values().removeIf(report -> nowNanos - report.lastNanos() >= REPORT_VALID_NANOS);
        Configuration configuration = core.configuration();
        // The new one is taken in before the old one goes: then the configuration alone tells what is left to be done.
        for (Report report : reports.values()) {
            boolean believed = report.lastNanos() - report.firstNanos() >= BELIEVED_AFTER_NANOS;
            String member = report.member().name();
            boolean hasMember =
                    !membersOn(report.member().node(), configuration).isEmpty();
            if (believed && hasMember && !configuration.isMember(member)) {
                return Optional.of(new ConfigurationChange.AddLearner(member));
            }
        }
        for (String learner : configuration.learners()) {
            Optional<ConfigurationChange> change = forLearner(learner, core);
            if (change.isPresent()) {
                return change;
            }
        }
        return Optional.empty();
    }

    private Optional<ConfigurationChange> forLearner(String learner, RaftCore core) {
        Configuration configuration = core.configuration();
        String node = Member.of(learner).node();
        List<String> others = membersOn(node, configuration).stream()
                .filter(member -> !member.equals(learner))
                .toList();
        Report report = reports.get(node);
        if (report != null && !report.member().name().equals(learner)) {
            return configuration.isMember(report.member().name())
                    ? Optional.of(new ConfigurationChange.Remove(learner))
                    : Optional.empty();
        }
        if (core.hasCaughtUp(learner)) {
            return Optional.of(
                    others.isEmpty()
                            ? new ConfigurationChange.Promote(learner)
                            : new ConfigurationChange.Remove(others.getFirst()));
        }
        // A report that came late brought it in: the node's replica is another one, and here.
        boolean neverCame =
                report == null && !core.isLive(learner) && others.stream().anyMatch(core::isLive);
        return neverCame ? Optional.of(new ConfigurationChange.Remove(learner)) : Optional.empty();
    }

    private static List<String> membersOn(String node, Configuration configuration) {
        return configuration.members().stream()
                .filter(member -> Member.of(member).node().equals(node))
                .toList();
    }

    /** Leadership is lost. */
    void forget() {
        reports.clear();
    }
}
