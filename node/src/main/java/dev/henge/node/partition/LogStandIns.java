package dev.henge.node.partition;

import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.ConfigurationChange;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.RaftCore;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.Placement;
import java.util.List;
import java.util.Optional;

/**
 * How a leader has members stand in that keep the log alone, for voters whose nodes are lost. Such a member is taken in and
 * promoted as any other; then the voter that is lost is made a learner, so that the group is as it was but for the items of
 * one. That voter is promoted again when it is back and has caught up; the log member goes when there are as many voters
 * without it as there are to be. Every step follows from the group's own log, so the next leader goes on.
 */
final class LogStandIns {

    private final Placement wanted;

    LogStandIns(Placement wanted) {
        this.wanted = wanted;
    }

    /** Whether a node is to keep the log alone. */
    boolean areToBeOn(String node) {
        return wishFor(node).isPresent();
    }

    /** Whether a member that keeps the log alone votes in the place of the one on a node, as it is to. */
    boolean voteFor(String lostNode, Configuration configuration) {
        return configuration.voters().stream()
                .filter(Member::keepsLogAlone)
                .flatMap(voter -> wishFor(Member.of(voter).node()).stream())
                .anyMatch(wish -> wish.getInPlaceOf().equals(lostNode));
    }

    private Optional<LogReplicaRecord> wishFor(String node) {
        return wanted.getLogReplicasList().stream()
                .filter(wish -> wish.getNode().equals(node))
                .findFirst();
    }

    /** Whether a log member that has caught up is to vote: the voter that it stands in for is away, or votes no more. */
    boolean isNeeded(String standIn, RaftCore core) {
        String lostNode = wishFor(Member.of(standIn).node())
                .map(LogReplicaRecord::getInPlaceOf)
                .orElse("");
        Configuration configuration = core.configuration();
        return configuration.members().stream()
                .filter(member -> Member.of(member).node().equals(lostNode) && !Member.keepsLogAlone(member))
                .anyMatch(member -> configuration.isLearner(member) || !core.isLive(member));
    }

    /** What is to be done about those that vote. */
    Optional<ConfigurationChange> next(RaftCore core, String self) {
        Configuration configuration = core.configuration();
        List<String> standIns =
                configuration.voters().stream().filter(Member::keepsLogAlone).toList();
        for (String standIn : standIns) {
            Optional<LogReplicaRecord> wish = wishFor(Member.of(standIn).node());
            Optional<ConfigurationChange> change = wish.isPresent()
                    ? relieve(wish.get().getInPlaceOf(), standIn, core, self)
                    : retire(standIn, configuration);
            if (change.isPresent()) {
                return change;
            }
        }
        return Optional.empty();
    }

    /** The voter that is away no longer counts, so that the loss of another can be borne again. */
    private static Optional<ConfigurationChange> relieve(String lostNode, String standIn, RaftCore core, String self) {
        return core.configuration().fullVoters().stream()
                .filter(voter -> Member.of(voter).node().equals(lostNode))
                .filter(voter -> !voter.equals(self) && !core.isLive(voter) && core.isLive(standIn))
                // Another one that this member stood in for before has to vote again first.
                .filter(core.configuration()::isMostlyFullWithout)
                .findFirst()
                .map(ConfigurationChange.Demote::new);
    }

    /**
     * Not before there are as many without it; unless its node alone still lacks the items: it has one replica at a time. The
     * others come first, so that no two votes are gone at once.
     */
    private Optional<ConfigurationChange> retire(String standIn, Configuration configuration) {
        String node = Member.of(standIn).node();
        List<String> placed = wanted.getNodesList();
        List<String> holding = configuration.fullVoters().stream()
                .map(voter -> Member.of(voter).node())
                .toList();
        boolean makesWay = placed.contains(node)
                && placed.stream().allMatch(other -> other.equals(node) || holding.contains(other));
        boolean enough = configuration.voters().size() > wanted.getNodesCount();
        return makesWay || enough ? Optional.of(new ConfigurationChange.Remove(standIn)) : Optional.empty();
    }
}
