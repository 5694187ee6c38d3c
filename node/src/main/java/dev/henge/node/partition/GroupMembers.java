package dev.henge.node.partition;

import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.ConfigurationChange;
import dev.henge.node.replication.Effects;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.ProposalResult;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import dev.henge.node.replication.RaftMessage;
import dev.henge.node.replication.RaftMessages;
import dev.henge.proto.Command;
import dev.henge.proto.DataResponse;
import dev.henge.proto.NotMember;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.Placement;
import dev.henge.proto.ReplicasPlaced;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the members of a replica's group change (thesis, chapter 4): one at a time, as a leader is asked to, or finds that it
 * has to ({@link MembershipRepair}); and how a replica says that it is no member. Belongs to the replica's event loop.
 */
final class GroupMembers {

    private static final Logger log = LoggerFactory.getLogger(GroupMembers.class);

    private record PendingChange(long index, Consumer<MembershipOutcome> outcome) {}

    private final int partition;
    private final Member self;
    private final List<String> firstVoters;
    private final StateMachine machine;
    private final RaftCore core;
    private final PartitionClock clock;
    private final InFlight inFlight;
    private final ReplicaEnvironment environment;
    private final Proposals proposals;
    private final Confirmations confirmations;
    private final Handover handover;
    private final Consumer<Effects> carryOut;
    private final MembershipRepair repair = new MembershipRepair();
    private @Nullable PendingChange pendingChange;

    /** The member that this replica was in the same life of its node, before it began anew as another; null for none. */
    private @Nullable Predecessor predecessor;

    /** Epoch of the placement that this leader has appended last. */
    private long placementProposed;

    private long repairedNanos;
    private long nextReportNanos;

    GroupMembers(
            int partition,
            Member self,
            List<String> firstVoters,
            StateMachine machine,
            RaftCore core,
            PartitionClock clock,
            InFlight inFlight,
            ReplicaEnvironment environment,
            Proposals proposals,
            Confirmations confirmations,
            Handover handover,
            Consumer<Effects> carryOut) {
        this.partition = partition;
        this.self = self;
        this.firstVoters = firstVoters;
        this.machine = machine;
        this.core = core;
        this.clock = clock;
        this.inFlight = inFlight;
        this.environment = environment;
        this.proposals = proposals;
        this.confirmations = confirmations;
        this.handover = handover;
        this.carryOut = carryOut;
    }

    /** @param ready whether this replica leads and serves */
    void onTick(long now, boolean ready) {
        reportWhenNoMember(now);
        if (ready) {
            repairWhenDue(now);
        }
    }

    /**
     * When {@link #onTick} has something to do; {@code Long.MAX_VALUE} for never.
     *
     * @param ready whether this replica leads and serves
     */
    long nextTickNanos(boolean ready) {
        long reportNanos = core.isCertainMember() ? Long.MAX_VALUE : nextReportNanos;
        return ready ? Math.min(reportNanos, nextRepairNanos()) : reportNanos;
    }

    /** Who is to be succeeded by whoever takes this replica's place in the running node. */
    Predecessor asPredecessor() {
        // One that never was a member has led nobody; whom the one before it led may be waiting still.
        return predecessor != null && !core.isCertainMember() ? predecessor : new Predecessor(self, core.term());
    }

    /** This replica began anew, as a new member, in the place of another that it is to release the followers of. */
    void succeeds(Predecessor abandoned) {
        predecessor = abandoned;
    }

    /** A message of this member came. */
    void heard(Member member) {
        repair.heard(member);
    }

    /** Somebody says that a replica is no member, maybe its own. */
    void onReport(String from, PeerMessage message) {
        boolean first = message.getNotMember().getNode().isEmpty();
        String node = first ? from : message.getNotMember().getNode();
        repair.reported(new Member(node, message.getFromGeneration()), environment.nanoTime());
        String leads = handover.otherLeader();
        // Who says so may not know who leads: the group has moved since the catalog was made that it knows.
        if (first && leads != null && !leads.equals(node)) {
            environment.send(
                    leads,
                    message.toBuilder()
                            .setNotMember(NotMember.newBuilder().setNode(node))
                            .build());
        }
    }

    /** Leadership is lost. */
    void stop() {
        abandonChange();
        repair.forget();
        placementProposed = 0;
    }

    /** Nobody knows what becomes of the change that is under way. */
    void abandonChange() {
        PendingChange abandoned = pendingChange;
        pendingChange = null;
        if (abandoned != null) {
            abandoned.outcome().accept(new MembershipOutcome.Unknown());
        }
    }

    /**
     * Changes the members by one step.
     *
     * @param outcome told once; at once when nothing is changed
     */
    void change(ConfigurationChange change, Consumer<MembershipOutcome> outcome) {
        proposals.proposeGathered();
        Effects effects = core.step(new RaftEvent.ChangeConfiguration(change, environment.nanoTime()));
        ProposalResult result = effects.proposal();
        if (result instanceof ProposalResult.Accepted accepted) {
            log.info("partition {}: {} as of entry {}", partition, change, accepted.firstIndex());
            inFlight.add(new InFlight.Entry(accepted.firstIndex(), StoredConfigurations.command(core.configuration())));
            pendingChange = new PendingChange(accepted.firstIndex(), outcome);
        }
        carryOut.accept(effects);
        if (result instanceof ProposalResult.ChangeRefused refused) {
            outcome.accept(new MembershipOutcome.Refused(refused.reason()));
        } else if (!(result instanceof ProposalResult.Accepted)) {
            outcome.accept(new MembershipOutcome.NotLeader(handover.otherLeader()));
        }
    }

    /** The change that this entry makes is applied. */
    void complete(long index) {
        PendingChange done = pendingChange;
        if (done != null && done.index() == index) {
            pendingChange = null;
            done.outcome().accept(new MembershipOutcome.Changed(core.configuration()));
        }
    }

    /** Whether this replica is a member, as far as it knows. */
    boolean isMember() {
        return core.configuration().isMember(self.name());
    }

    /** As {@link Replica#isLetGo} says. */
    boolean isLetGo(ReplicasPlaced group) {
        return group.getVotersCount() > 0
                && group.getCommitIndex() >= core.configuration().index()
                && !group.getVotersList().contains(self.name())
                && !group.getLearnersList().contains(self.name());
    }

    /**
     * A replica that lost its log waits to be taken in as the new member that it is. It says so until it knows that it was: who
     * took it in may be replaced before that is committed, and nobody else would ever tell it. As often it releases the
     * followers of the member that it was: without them there may be nobody to take it in.
     */
    private void reportWhenNoMember(long now) {
        if (core.isCertainMember() || now < nextReportNanos) {
            return;
        }
        nextReportNanos = now + MembershipRepair.REPORT_NANOS;
        PeerMessage report = PeerMessage.newBuilder()
                .setPartition(partition)
                .setTerm(core.term())
                .setFromGeneration(self.generation())
                .setNotMember(NotMember.getDefaultInstance())
                .build();
        PeerMessage release = predecessor == null ? null : release(predecessor);
        Stream.of(firstVoters, core.configuration().members(), environment.nodesOf(partition))
                .flatMap(List::stream)
                .map(member -> Member.of(member).node())
                .filter(node -> !node.equals(self.node()))
                .distinct()
                .forEach(node -> {
                    if (release != null) {
                        environment.send(node, release);
                    }
                    environment.send(node, report);
                });
    }

    /** In the name of a member that is gone, to whatever generation the receiver has. */
    private PeerMessage release(Predecessor gone) {
        return RaftMessages.toProto(partition, new RaftMessage.Release(gone.term())).toBuilder()
                .setFromGeneration(gone.member().generation())
                .build();
    }

    private void repairWhenDue(long now) {
        if (core.transferTarget() != null || now < nextRepairNanos()) {
            return;
        }
        repairedNanos = now;
        if (core.configuration().index() > core.commitIndex()) {
            return;
        }
        repair.next(core, self.name(), machine.placement(), now).ifPresent(step -> {
            switch (step) {
                case MembershipRepair.Step.Change(ConfigurationChange change) -> change(change, outcome -> {});
                case MembershipRepair.Step.HandOver(String node) -> handover.transfer(node, () -> {});
            }
        });
    }

    private long nextRepairNanos() {
        return repair.nextStepNanos(core, machine.placement().getNodesList(), repairedNanos);
    }

    /** Notes what is asked for, if that is news, and tells how the group stands. */
    void place(PlaceReplicas wanted, Responder responder) {
        boolean news = wanted.getEpoch() > Math.max(machine.placement().getEpoch(), placementProposed);
        if (news && wanted.getNodesCount() > 0) {
            Command.Builder command = Command.newBuilder()
                    .setTimestampMillis(clock.nowMillis())
                    .setPlacement(Placement.newBuilder()
                            .addAllNodes(wanted.getNodesList())
                            .addAllLogReplicas(wanted.getLogReplicasList())
                            .setEpoch(wanted.getEpoch()));
            if (proposals.append(command.build(), response -> {})) {
                placementProposed = wanted.getEpoch();
            }
        }
        DataResponse.Builder answer = DataResponse.newBuilder().setReplicasPlaced(group());
        confirmations.confirmLeadership(() -> responder.respond(answer), responder);
    }

    /** Nothing of members while a change of them is not committed. */
    private ReplicasPlaced.Builder group() {
        Placement placement = machine.placement();
        ReplicasPlaced.Builder group = ReplicasPlaced.newBuilder().setEpoch(placement.getEpoch());
        Configuration members = core.configuration();
        if (members.index() > core.commitIndex()) {
            return group;
        }
        return group.setCommitIndex(core.commitIndex())
                .addAllVoters(members.voters())
                .addAllLearners(members.learners())
                .setDone(MembershipRepair.isPlaced(members, placement));
    }
}
