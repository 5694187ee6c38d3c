package dev.henge.node.partition;

import static dev.henge.node.partition.Halves.HALF;
import static dev.henge.node.partition.Halves.HIGH;
import static dev.henge.node.partition.Halves.LOW;
import static dev.henge.node.partition.Halves.OTHER;
import static dev.henge.node.partition.Halves.TABLE;
import static dev.henge.node.partition.Halves.read;
import static dev.henge.node.partition.Halves.readRequest;
import static dev.henge.node.partition.Halves.readUnder;
import static dev.henge.node.partition.Halves.splitRequest;
import static dev.henge.node.partition.Halves.text;
import static dev.henge.node.partition.Halves.textOf;
import static dev.henge.node.partition.Halves.whole;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.node.partition.ReplicaGroup.Node;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PartitionSplit;
import dev.henge.proto.ReadRange;
import dev.henge.proto.Refusal;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A group whose partition is split, and the group that comes of it. */
class ReplicaSplitTest {

    private static final long EPOCH = 9;

    private final ReplicaGroup group;
    private final Halves halves;

    ReplicaSplitTest() throws IOException {
        group = new ReplicaGroup();
        halves = new Halves(group);
        group.pass(3_000);
        assertThat(group.hasLeader()).as(group.roles()).isTrue();
    }

    @Test
    void eachHalfHasWhatWasWrittenInItsRange() {
        halves.put(group.leader().replica(), LOW, "low");
        halves.put(group.leader().replica(), HIGH, "high");

        halves.split(EPOCH);

        Replica parent = group.leader().replica();
        Replica child = halves.otherLeader();
        assertThat(parent.tokens()).isEqualTo(new TokenRange(0, HALF));
        assertThat(child.tokens()).isEqualTo(new TokenRange(HALF, 0));
        assertThat(List.of(parent.epoch(), child.epoch())).containsOnly(EPOCH);
        assertThat(read(parent, LOW)).isEqualTo("low");
        assertThat(read(child, HIGH)).isEqualTo("high");
        for (String name : ReplicaGroup.NAMES) {
            assertThat(group.node(name).other(OTHER)).as(name).isPresent();
        }
    }

    @Test
    void whoLedThePartitionLeadsTheOtherOneAtOnce() {
        Node leader = group.leader();
        List<DataResponse> answers = group.submit(leader, splitRequest(EPOCH));

        group.pass(50);

        assertThat(answers.getFirst().getRangeSplit().getDone()).isTrue();
        assertThat(leader.other(OTHER).orElseThrow().leads()).isTrue();
    }

    @Test
    void askingAgainSplitsOnce() {
        halves.split(EPOCH);
        long lastIndex = group.leader().replica().log().lastIndex();

        DataResponse again = halves.answer(group.submit(group.leader(), splitRequest(EPOCH)));

        assertThat(again.getRangeSplit().getDone()).isTrue();
        assertThat(group.leader().replica().log().lastIndex()).isLessThanOrEqualTo(lastIndex + 1);
    }

    @Test
    void aRequestThatKnowsTheRangeOfBeforeIsRefusedByAll() {
        halves.split(EPOCH);

        for (String name : ReplicaGroup.NAMES) {
            DataResponse eventual = readUnder(group.node(name).replica(), 1, HIGH, false);
            assertThat(eventual.getRefusal().getCode()).as(name).isEqualTo(Refusal.Code.STALE_EPOCH);
            assertThat(eventual.getRefusal().getSplit())
                    .as("what the sender is to make of its map")
                    .isEqualTo(PartitionSplit.newBuilder()
                            .setToken(HALF)
                            .setChild(OTHER)
                            .setEpoch(EPOCH)
                            .build());
        }
    }

    /** Nobody has to wait for the map for the sake of what stays where it was. */
    @Test
    void unlessItIsOfOneItemThatIsStillThePartitions() {
        halves.put(group.leader().replica(), LOW, "before");
        halves.split(EPOCH);
        Replica replica = group.leader().replica();
        List<DataResponse> written = new ArrayList<>();
        group.leader()
                .post(() -> replica.submit(
                        whole(
                                DataRequest.newBuilder()
                                        .setKnownTimeMillis(Long.MAX_VALUE)
                                        .setWriteItem(halves.write(LOW, "after")),
                                replica,
                                1),
                        response -> written.add(response.build())));

        assertThat(textOf(readUnder(replica, 1, LOW, true))).isEqualTo("before");
        assertThat(halves.answer(written).hasItemWritten()).isTrue();
        assertThat(written.getFirst().getPartitionTimeMillis())
                .as("the sender may take it for the other half's")
                .isZero();
        assertThat(read(replica, LOW)).isEqualTo("after");
    }

    /** Others may apply the entry, and the other half be written, before this leader has applied it. */
    @Test
    void fromTheMomentOfTheAppendTheLeaderServesNothingOfTheOtherHalf() {
        halves.put(group.leader().replica(), HIGH, "before");
        Node leader = group.leader();
        Replica replica = leader.replica();
        List<DataResponse> given = new ArrayList<>();
        List<DataResponse> appended = new ArrayList<>();
        List<DataResponse> own = new ArrayList<>();
        List<Integer> atOnce = new ArrayList<>();
        // In the turn in which the entry is appended.
        leader.post(() -> {
            replica.submit(whole(splitRequest(EPOCH), replica, 1), response -> appended.add(response.build()));
            replica.read(whole(readRequest(HIGH, true), replica, 1), response -> given.add(response.build()));
            replica.read(whole(readRequest(HIGH, false), replica, 1), response -> given.add(response.build()));
            replica.read(
                    whole(
                            DataRequest.newBuilder()
                                    .setReadRange(ReadRange.newBuilder()
                                            .setTable(TABLE)
                                            .setConsistent(true)),
                            replica,
                            1),
                    response -> given.add(response.build()));
            replica.submit(
                    whole(DataRequest.newBuilder().setWriteItem(halves.write(HIGH, "after")), replica, 1),
                    response -> given.add(response.build()));
            own.add(readUnder(replica, 1, LOW, true));
            atOnce.add(given.size());
        });
        group.pass(500);

        assertThat(appended.getFirst().getRangeSplit().getDone()).isTrue();
        assertThat(atOnce).as("nobody is sent away before it is clear where to").containsExactly(0);
        assertThat(given)
                .hasSize(4)
                .allMatch(response -> response.getRefusal().getCode() == Refusal.Code.STALE_EPOCH
                        && response.getRefusal().hasSplit());
        assertThat(own.getFirst().hasItemRead()).as("what stays its own").isTrue();
    }

    @Test
    void whatComesBeforeTheOtherHalfHasALeaderWaitsForTheFirstOne() {
        Node leader = group.leader();
        group.submit(leader, splitRequest(EPOCH));
        for (int turn = 0; turn < 1_000 && leader.other(OTHER).isEmpty(); turn++) {
            group.settleOnce();
        }
        Replica child = leader.other(OTHER).orElseThrow();
        assertThat(child.leads()).isFalse();

        List<DataResponse> written =
                group.submit(leader, child, DataRequest.newBuilder().setWriteItem(halves.write(HIGH, "early")));
        leader.post(() -> assertThat(child.leads()).isFalse());
        group.pass(500);

        assertThat(halves.answer(written).hasItemWritten())
                .as(written.toString())
                .isTrue();
        assertThat(read(halves.otherLeader(), HIGH)).isEqualTo("early");
    }

    @Test
    void aRequestThatWasCarriedOutBeforeIsNotCarriedOutAgainByEitherHalf() {
        WriteItem high = halves.write(HIGH, "first");
        WriteItem low = halves.write(LOW, "first");
        halves.ask(group.leader().replica(), DataRequest.newBuilder().setWriteItem(high));
        halves.ask(group.leader().replica(), DataRequest.newBuilder().setWriteItem(low));
        halves.split(EPOCH);
        halves.put(halves.otherLeader(), HIGH, "second");

        DataResponse copyOfHigh =
                halves.ask(halves.otherLeader(), DataRequest.newBuilder().setWriteItem(high));
        DataResponse copyOfLow =
                halves.ask(group.leader().replica(), DataRequest.newBuilder().setWriteItem(low));

        assertThat(copyOfHigh.hasItemWritten()).isTrue();
        assertThat(copyOfLow.hasItemWritten()).isTrue();
        assertThat(read(halves.otherLeader(), HIGH)).isEqualTo("second");
    }

    @Test
    void ofWritesTogetherEachHalfTakesItsOwnAndLeavesTheOthersOut() {
        halves.split(EPOCH);
        DataRequest.Builder both = halves.writeOfBoth();

        List<WriteOutcome> ofParent = halves.ask(group.leader().replica(), both.clone())
                .getItemsWritten()
                .getOutcomesList();
        List<WriteOutcome> ofChild =
                halves.ask(halves.otherLeader(), both.clone()).getItemsWritten().getOutcomesList();

        assertThat(ofParent)
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.WRITTEN, WriteOutcome.OutcomeCase.OUTCOME_NOT_SET);
        assertThat(ofChild)
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.OUTCOME_NOT_SET, WriteOutcome.OutcomeCase.WRITTEN);
        assertThat(read(group.leader().replica(), LOW)).isEqualTo("low");
        assertThat(read(halves.otherLeader(), HIGH)).isEqualTo("high");
    }

    @Test
    void bothCountAnewWhatTheyHave() {
        for (int number = 0; number < 10; number++) {
            halves.put(group.leader().replica(), 1 + number, "low");
        }
        halves.put(group.leader().replica(), HIGH, "high");

        halves.split(EPOCH);
        halves.put(halves.otherLeader(), HIGH - 1, "higher");
        group.pass(1_000);

        assertThat(group.leader().replica().machine().statistics(TABLE).getItems())
                .isEqualTo(10);
        assertThat(halves.otherLeader().machine().statistics(TABLE).getItems()).isEqualTo(2);
        assertThat(halves.otherLeader().machine().counts()).isFalse();
    }

    @Test
    void aCrashThatLosesWhatTheStorageHadNotFlushedLosesNothing() throws IOException {
        halves.put(group.leader().replica(), HIGH, "before");
        halves.split(EPOCH);
        halves.put(halves.otherLeader(), HIGH, "after");
        halves.put(group.leader().replica(), LOW, "low");

        halves.crashAll();

        assertThat(read(halves.otherLeader(), HIGH)).isEqualTo("after");
        assertThat(read(group.leader().replica(), LOW)).isEqualTo("low");
    }

    @Test
    void whoWasAwayFindsTheSplitInTheLog() throws IOException {
        Node away = follower();
        away.stop();
        halves.put(group.leader().replica(), HIGH, "before");
        halves.split(EPOCH);
        halves.put(halves.otherLeader(), HIGH, "after");

        away.start();
        group.pass(5_000);

        Replica late = away.other(OTHER).orElseThrow();
        assertThat(text(late, HIGH)).isEqualTo("after");
    }

    /** It has nothing of the other half then, but a voice: else few could be left to elect anybody. */
    @Test
    void whoComesBehindTheSplitByASnapshotTakesThatOfTheOtherHalfToo() throws IOException {
        Node away = follower();
        away.stop();
        halves.put(group.leader().replica(), HIGH, "before");
        halves.split(EPOCH);
        compact();
        PartitionRecord record =
                Objects.requireNonNull(group.leader().splitOff().get(OTHER));

        away.start();
        assertThat(away.openOther(record, false))
                .as("its tokens are still those of the whole")
                .isFalse();
        group.pass(20_000);
        assertThat(away.replica().tokens()).isEqualTo(new TokenRange(0, HALF));
        assertThat(away.other(OTHER)).isEmpty();
        assertThat(away.openOther(record, false)).isTrue();
        Replica late = away.other(OTHER).orElseThrow();
        assertThat(late.usable()).as("it has no state yet").isFalse();
        group.pass(20_000);

        assertThat(late.usable()).isTrue();
        assertThat(text(late, HIGH)).isEqualTo("before");
        assertThat(late.core().configuration().isVoter(away.name)).isTrue();
    }

    /** What its log has up to the split it applies before it takes the snapshot, which proves that it is committed. */
    @Test
    void whoHasTheEntryAndDoesNotKnowThatItIsCommittedSplitsBeforeItTakesASnapshot() throws IOException {
        halves.put(group.leader().replica(), HIGH, "before");
        Node leader = group.leader();
        Node away = follower();
        long splitIndex = leader.replica().log().lastIndex() + 1;
        List<DataResponse> answers = group.submit(leader, splitRequest(EPOCH));
        for (int turn = 0; turn < 200 && away.replica().log().lastIndex() < splitIndex; turn++) {
            group.settleOnce();
        }
        assertThat(away.replica().log().lastIndex()).isEqualTo(splitIndex);
        assertThat(away.replica().machine().applied().index()).isLessThan(splitIndex);
        away.stop();
        group.pass(2_000);
        assertThat(halves.answer(answers).getRangeSplit().getDone()).isTrue();
        for (int number = 0; number < 5; number++) {
            halves.put(group.leader().replica(), LOW, "low" + number);
        }
        compact();

        away.start();
        group.pass(20_000);

        assertThat(away.replica().tokens()).isEqualTo(new TokenRange(0, HALF));
        assertThat(text(away.other(OTHER).orElseThrow(), HIGH)).isEqualTo("before");
    }

    private Node follower() {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> node != group.leader())
                .findFirst()
                .orElseThrow();
    }

    /** Nobody's log has what came before. */
    private void compact() {
        for (String name : ReplicaGroup.NAMES) {
            Node node = group.node(name);
            if (node.isUp()) {
                node.storage.flush();
                node.post(() -> node.replica()
                        .compact(node.replica().machine().applied().index(), LogPressure.CRITICAL));
            }
        }
        group.pass(100);
    }
}
