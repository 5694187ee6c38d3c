package dev.henge.node.partition;

import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.ConfigurationChange;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.RaftCore;
import dev.henge.proto.Placement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How a leader replaces members that lost their log, and moves its group to other nodes. A node whose replica is no member
 * says so again and again ({@code NotMember}); where the node has a member by another generation, that one is gone, and the
 * leader takes the new one in as a learner, removes the one that is gone once the new one has caught up, and promotes it.
 * Every step follows from the configuration, so the next leader goes on where this one ended. Each is made only when
 * {@link RaftCore} finds it safe; the last thing lost is thus redundancy that was lost before.
 *
 * <p>In the same way it brings the group to the nodes that the partition is to be on, once the group's own log says which
 * ({@code Placement}): a node's new replica says that it is no member, is taken in and promoted; members on other nodes go
 * when there is a voter on each of the nodes, so the group never has fewer than it had or is to have. Only the placement of
 * the log is followed: what a leader happens to know of the catalog may be old.
 *
 * <p>A learner is a voter to be: any that has caught up is promoted, whoever asked for it. So is a voter that was made a
 * learner because a log member votes in its place ({@link LogStandIns}), when it is back.
 */
final class MembershipRepair {

    /** How often a replica that is no member says so. */
    static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How often the leader looks, while there is something to be done. */
    static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long REPORT_VALID_NANOS = 4 * REPORT_NANOS;

    /** A report may have been on its way for long; one that is repeated, and not contradicted, has not. */
    private static final long BELIEVED_AFTER_NANOS = 2 * REPORT_NANOS;

    /** What a leader is to do next. */
    sealed interface Step {
        record Change(ConfigurationChange change) implements Step {}

        /** It has to go itself, so it hands its leadership over first. */
        record HandOver(String node) implements Step {}
    }

    private record Report(Member member, long firstNanos, long lastNanos) {}

    private final Map<String, Report> reports = new HashMap<>();

    /** A node says that its replica is this member, and in no configuration that it knows to be committed. */
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
    long nextStepNanos(RaftCore core, List<String> placement, long lastStepNanos) {
        Configuration configuration = core.configuration();
        boolean nothing = reports.isEmpty()
                && !configuration.hasLogMembers()
                && configuration.learners().isEmpty()
                && (placement.isEmpty()
                        || misplaced(configuration.voters(), placement).isEmpty());
        return nothing ? Long.MAX_VALUE : lastStepNanos + STEP_NANOS;
    }

    /**
     * Whether a group has one voter with items on each of the nodes that it is to be on, and no other member but those that keep the
     * log alone. A member that a log votes for counts: its node may be gone for good, and only another placement brings one in
     * its place.
     */
    static boolean isPlaced(Configuration configuration, Placement wanted) {
        List<String> placement = wanted.getNodesList();
        LogStandIns standIns = new LogStandIns(wanted);
        List<String> full = new ArrayList<>(configuration.fullVoters());
        for (String learner : configuration.learners()) {
            if (Member.keepsLogAlone(learner)) {
                continue;
            }
            if (!standIns.voteFor(Member.of(learner).node(), configuration)) {
                return false;
            }
            full.add(learner);
        }
        return full.size() == placement.size()
                && misplaced(full, placement).isEmpty()
                && placement.stream()
                        .noneMatch(node -> membersOn(node, false, configuration).isEmpty());
    }

    /** Those on other nodes than these, but for those that keep the log alone. */
    private static List<String> misplaced(List<String> members, List<String> placement) {
        return members.stream()
                .map(Member::of)
                .filter(member -> !member.keepsLogAlone() && !placement.contains(member.node()))
                .map(Member::name)
                .toList();
    }

    /**
     * The next step, for a leader whose last change is committed.
     *
     * @param self the leader
     * @param wanted the nodes that the group is to be on, none for those that it is on; and who is to keep the log alone
     */
    Optional<Step> next(RaftCore core, String self, Placement wanted, long nowNanos) {
        LogStandIns standIns = new LogStandIns(wanted);
        Optional<ConfigurationChange> mended =
                mend(core, wanted.getNodesList(), standIns, nowNanos).or(() -> standIns.next(core, self));
        if (mended.isPresent() || wanted.getNodesCount() == 0) {
            return mended.map(Step.Change::new);
        }
        return leave(core, self, wanted.getNodesList());
    }

    /**
     * Members on other nodes go once there is a voter on each node of the placement; and one that is of use not before all of
     * those are live.
     */
    private static Optional<Step> leave(RaftCore core, String self, List<String> placement) {
        Configuration configuration = core.configuration();
        List<String> leaving = misplaced(configuration.voters(), placement);
        List<String> staying = configuration.fullVoters().stream()
                .filter(voter -> !leaving.contains(voter))
                .toList();
        if (leaving.isEmpty() || !areOnEach(placement, staying)) {
            return Optional.empty();
        }
        Optional<String> away = leaving.stream()
                .filter(voter -> !voter.equals(self) && !core.isLive(voter))
                .findFirst();
        if (away.isPresent()) {
            return Optional.of(new Step.Change(new ConfigurationChange.Remove(away.get())));
        }
        List<String> live = staying.stream()
                .filter(voter -> voter.equals(self) || core.isLive(voter))
                .toList();
        if (!areOnEach(placement, live)) {
            return Optional.empty();
        }
        Optional<String> other =
                leaving.stream().filter(voter -> !voter.equals(self)).findFirst();
        if (other.isPresent()) {
            return Optional.of(new Step.Change(new ConfigurationChange.Remove(other.get())));
        }
        return Optional.of(new Step.HandOver(Member.of(staying.getFirst()).node()));
    }

    private static boolean areOnEach(List<String> nodes, List<String> members) {
        return nodes.stream().allMatch(node -> members.stream()
                .anyMatch(member -> Member.of(member).node().equals(node)));
    }

    private Optional<ConfigurationChange> mend(
            RaftCore core, List<String> placement, LogStandIns standIns, long nowNanos) {
        reports.values().removeIf(report -> nowNanos - report.lastNanos() >= REPORT_VALID_NANOS);
        Configuration configuration = core.configuration();
        // The new one is taken in before the old one goes: then the configuration alone tells what is left to be done.
        for (Report report : reports.values()) {
            boolean believed = report.lastNanos() - report.firstNanos() >= BELIEVED_AFTER_NANOS;
            String member = report.member().name();
            boolean belongs = report.member().keepsLogAlone()
                    ? standIns.areToBeOn(report.member().node())
                    : placement.contains(report.member().node())
                            || !membersOn(report.member().node(), false, configuration)
                                    .isEmpty();
            if (believed && belongs && !configuration.isMember(member)) {
                return Optional.of(new ConfigurationChange.AddLearner(member));
            }
        }
        for (String learner : configuration.learners()) {
            String node = Member.of(learner).node();
            boolean logAlone = Member.keepsLogAlone(learner);
            boolean belongs = logAlone ? standIns.areToBeOn(node) : placement.isEmpty() || placement.contains(node);
            boolean replaces =
                    !logAlone && membersOn(node, false, configuration).size() > 1;
            if (!belongs && !replaces) {
                return Optional.of(new ConfigurationChange.Remove(learner));
            }
            if (logAlone && !standIns.isNeeded(learner, core)) {
                continue;
            }
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
        List<String> others = membersOn(node, Member.keepsLogAlone(learner), configuration).stream()
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

    /** One that keeps the log alone replaces none with items, nor the other way round. */
    private static List<String> membersOn(String node, boolean logAlone, Configuration configuration) {
        return configuration.members().stream()
                .filter(member -> Member.of(member).node().equals(node) && Member.keepsLogAlone(member) == logAlone)
                .toList();
    }

    /** Leadership is lost. */
    void forget() {
        reports.clear();
    }
}
