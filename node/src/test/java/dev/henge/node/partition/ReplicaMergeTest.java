package dev.henge.node.partition;

import static dev.henge.node.partition.Halves.HALF;
import static dev.henge.node.partition.Halves.HIGH;
import static dev.henge.node.partition.Halves.LOW;
import static dev.henge.node.partition.Halves.OTHER;
import static dev.henge.node.partition.Halves.TABLE;
import static dev.henge.node.partition.Halves.id;
import static dev.henge.node.partition.Halves.read;
import static dev.henge.node.partition.Halves.readUnder;
import static dev.henge.node.partition.Halves.text;
import static dev.henge.node.partition.Halves.textOf;
import static dev.henge.node.partition.Halves.whole;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.node.partition.ReplicaGroup.Node;
import dev.henge.proto.Condition;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.DropTable;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PathElement;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.ReadRange;
import dev.henge.proto.Refusal;
import dev.henge.proto.SealRange;
import dev.henge.proto.TakeRange;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two groups, of which one was split from the other, that become one again. */
class ReplicaMergeTest {

    private static final long SPLIT_EPOCH = 9;
    private static final long EPOCH = 12;

    private static final Condition IF_IT_EXISTS = Condition.newBuilder()
            .setAttributeExists(DocumentPath.newBuilder()
                    .addElements(PathElement.newBuilder().setAttribute("k")))
            .build();
    private static final PartitionMerge MERGE = PartitionMerge.newBuilder()
            .setLeft(ReplicaGroup.PARTITION)
            .setRight(OTHER)
            .setEpoch(EPOCH)
            .build();

    private final ReplicaGroup group;
    private final Halves halves;

    ReplicaMergeTest() throws IOException {
        group = new ReplicaGroup();
        group.pass(3_000);
        halves = new Halves(group);
        halves.split(SPLIT_EPOCH);
        assertThat(halves.otherLeader().leads()).isTrue();
    }

    @Test
    void theLeftOneHasWhatWasWrittenInBothAndTheRightOneIsGone() {
        halves.put(left(), LOW, "low");
        halves.put(halves.otherLeader(), HIGH, "high");

        merge();

        assertThat(left().tokens()).isEqualTo(new TokenRange(0, 0));
        assertThat(left().epoch()).isEqualTo(EPOCH);
        assertThat(read(left(), LOW)).isEqualTo("low");
        assertThat(read(left(), HIGH)).isEqualTo("high");
        halves.put(left(), HIGH, "higher");
        assertThat(read(left(), HIGH)).isEqualTo("higher");
        for (String name : ReplicaGroup.NAMES) {
            assertThat(group.node(name).other(OTHER)).as(name).isEmpty();
            assertThat(durableEpoch(group.node(name))).as(name).isEqualTo(EPOCH);
        }
    }

    @Test
    void fromItsSealOnTheRightOneServesNothingUnderAnyEpoch() {
        halves.put(halves.otherLeader(), HIGH, "high");
        seal();

        for (String name : ReplicaGroup.NAMES) {
            Replica right = group.node(name).other(OTHER).orElseThrow();
            for (long epoch : List.of(SPLIT_EPOCH, EPOCH)) {
                for (boolean consistent : List.of(true, false)) {
                    Refusal refusal = readUnder(right, epoch, HIGH, consistent).getRefusal();
                    assertThat(refusal.getCode()).as(name).isEqualTo(Refusal.Code.STALE_EPOCH);
                    assertThat(refusal.getMerge()).as("where to go").isEqualTo(MERGE);
                }
            }
        }
        assertThat(halves.ask(halves.otherLeader(), DataRequest.newBuilder().setWriteItem(halves.write(HIGH, "late")))
                        .getRefusal()
                        .getCode())
                .isEqualTo(Refusal.Code.STALE_EPOCH);
    }

    /** Others may apply the entry, and the left one be written, before this leader has applied it. */
    @Test
    void fromTheMomentOfTheAppendTheLeaderOfTheRightOneServesNothing() {
        halves.put(halves.otherLeader(), HIGH, "before");
        Replica right = halves.otherLeader();
        List<DataResponse> given = new ArrayList<>();
        halves.nodeOf(right).post(() -> {
            right.submit(whole(sealRequest(), right, right.epoch()), response -> {});
            given.add(readUnder(right, SPLIT_EPOCH, HIGH, true));
            right.submit(
                    whole(DataRequest.newBuilder().setWriteItem(halves.write(HIGH, "after")), right, right.epoch()),
                    response -> given.add(response.build()));
        });
        group.pass(500);

        assertThat(given)
                .hasSize(2)
                .allMatch(response -> response.getRefusal().getCode() == Refusal.Code.STALE_EPOCH)
                .noneMatch(response -> response.getRefusal().hasMerge());
    }

    @Test
    void sealingAndTakingAgainChangeNothing() {
        RangeSealed sealed = seal();
        assertThat(seal()).isEqualTo(sealed);
        take(sealed);
        long lastIndex = left().log().lastIndex();

        assertThat(askToTake(sealed).getRangeTaken().getDone()).isTrue();
        assertThat(askToTake(RangeSealed.getDefaultInstance()).getRangeTaken().getDone())
                .as("who only asks")
                .isTrue();
        assertThat(left().log().lastIndex()).isEqualTo(lastIndex);
    }

    @Test
    void nothingIsTakenThatHasNoEnd() {
        DataResponse answer =
                askToTake(RangeSealed.newBuilder().setIndex(3).setTerm(1).build());

        assertThat(answer.getRangeTaken().getDone()).isFalse();
        assertThat(answer.getRangeTaken().getReason()).contains("is not whole");
        assertThat(left().tokens()).isEqualTo(new TokenRange(0, HALF));
    }

    @Test
    void aRequestThatEitherCarriedOutIsNotCarriedOutAgain() {
        WriteItem high = halves.write(HIGH, "first");
        WriteItem low = halves.write(LOW, "first");
        halves.ask(halves.otherLeader(), DataRequest.newBuilder().setWriteItem(high));
        halves.ask(left(), DataRequest.newBuilder().setWriteItem(low));
        merge();
        halves.put(left(), HIGH, "second");
        halves.put(left(), LOW, "second");

        DataResponse copyOfHigh = halves.ask(left(), DataRequest.newBuilder().setWriteItem(high));
        DataResponse copyOfLow = halves.ask(left(), DataRequest.newBuilder().setWriteItem(low));

        assertThat(copyOfHigh.hasItemWritten()).as(copyOfHigh.toString()).isTrue();
        assertThat(copyOfLow.hasItemWritten()).as(copyOfLow.toString()).isTrue();
        assertThat(read(left(), HIGH)).isEqualTo("second");
        assertThat(read(left(), LOW)).isEqualTo("second");
    }

    /** A router sends each partition its writes; what one has left out came to the other one too late, and comes again. */
    @Test
    void ofWritesTogetherWhatWasLeftOutBeforeIsCarriedOutOnce() {
        DataRequest.Builder both = halves.writeOfBoth().setKnownTimeMillis(Long.MAX_VALUE);
        halves.ask(left(), both.clone());
        merge();
        halves.put(left(), LOW, "lower");

        List<WriteOutcome> outcomes =
                halves.ask(left(), both.clone()).getItemsWritten().getOutcomesList();
        halves.put(left(), HIGH, "higher");
        List<WriteOutcome> again =
                halves.ask(left(), both.clone()).getItemsWritten().getOutcomesList();

        assertThat(outcomes)
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.WRITTEN, WriteOutcome.OutcomeCase.WRITTEN);
        assertThat(again).isEqualTo(outcomes);
        assertThat(read(left(), LOW)).isEqualTo("lower");
        assertThat(read(left(), HIGH)).isEqualTo("higher");
    }

    /** They come when the right one's memory, which has a part of them, is about to be the left one's too. */
    @Test
    void writesTogetherWaitWhileAnotherPartitionIsTaken() {
        DataRequest.Builder both = halves.writeOfBoth().setKnownTimeMillis(Long.MAX_VALUE);
        halves.ask(halves.otherLeader(), both.clone());
        RangeSealed sealed = seal();
        Replica left = left();
        List<DataResponse> answers = new ArrayList<>();
        halves.nodeOf(left).post(() -> {
            left.submit(whole(takeRequest(sealed), left, left.epoch()), response -> answers.add(response.build()));
            left.submit(whole(both.clone(), left, left.epoch()), response -> answers.add(response.build()));
        });
        group.pass(500);

        assertThat(answers).hasSize(2);
        assertThat(answers.getFirst().getRangeTaken().getDone()).isTrue();
        assertThat(answers.getLast().getRefusal().getMerge())
                .as("the sender comes again, to the larger one")
                .isEqualTo(MERGE);
        assertThat(halves.ask(left(), both.clone()).getItemsWritten().getOutcomesList())
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.WRITTEN, WriteOutcome.OutcomeCase.WRITTEN);
        assertThat(read(left(), LOW)).isEqualTo("low");
    }

    /** Else the part that is told already would be carried out with what was left out, some time later. */
    @Test
    void ofWritesTogetherAlsoAPartThatChangedNothingIsRemembered() {
        DataRequest.Builder both = halves.writeOfBoth().setKnownTimeMillis(Long.MAX_VALUE);
        both.getWriteItemsBuilder().getWritesBuilder(0).setCondition(IF_IT_EXISTS);
        halves.ask(left(), both.clone());
        merge();
        halves.put(left(), LOW, "lower");

        halves.ask(left(), both.clone());

        assertThat(read(left(), LOW)).isEqualTo("lower");
        assertThat(read(left(), HIGH)).isEqualTo("high");
    }

    @Test
    void whatEachCarriedOutOfWritesTogetherIsRememberedAsOne() {
        DataRequest.Builder both = halves.writeOfBoth().setKnownTimeMillis(Long.MAX_VALUE);
        halves.ask(left(), both.clone());
        halves.ask(halves.otherLeader(), both.clone());
        merge();
        halves.put(left(), HIGH, "higher");

        List<WriteOutcome> again =
                halves.ask(left(), both.clone()).getItemsWritten().getOutcomesList();

        assertThat(again)
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.WRITTEN, WriteOutcome.OutcomeCase.WRITTEN);
        assertThat(read(left(), HIGH)).isEqualTo("higher");
    }

    @Test
    void whoKnowsTheLeftOneOfBeforeIsServedWhatItHadAndToldWhatCame() {
        halves.put(left(), LOW, "low");
        merge();

        assertThat(textOf(readUnder(left(), SPLIT_EPOCH, LOW, true))).isEqualTo("low");
        List<DataResponse> answers = new ArrayList<>();
        left().read(
                        DataRequest.newBuilder()
                                .setPartition(ReplicaGroup.PARTITION)
                                .setEpoch(SPLIT_EPOCH)
                                .setReadRange(
                                        ReadRange.newBuilder().setTable(TABLE).setConsistent(true))
                                .build(),
                        response -> answers.add(response.build()));
        assertThat(answers.getFirst().getRefusal().getMerge()).isEqualTo(MERGE);
    }

    @Test
    void whatBothHaveCountedAddsUp() {
        group.pass(2_000);
        halves.put(left(), LOW, "low");
        halves.put(left(), LOW + 1, "low");
        halves.put(halves.otherLeader(), HIGH, "high");

        merge();
        halves.put(left(), HIGH - 1, "higher");
        group.pass(1_000);

        assertThat(left().machine().counts()).isFalse();
        assertThat(left().machine().statistics(TABLE).getItems()).isEqualTo(4);
    }

    @Test
    void aTableThatOneOfThemHasDroppedIsGoneFromBoth() {
        halves.put(left(), LOW, "low");
        halves.put(halves.otherLeader(), HIGH, "high");
        halves.ask(
                halves.otherLeader(),
                DataRequest.newBuilder()
                        .setKnownTimeMillis(Long.MAX_VALUE)
                        .setDropTable(
                                DropTable.newBuilder().setRequestId(id("drop")).setTable(TABLE)));

        merge();

        assertThat(text(left(), LOW)).isEmpty();
        assertThat(halves.ask(
                                left(),
                                DataRequest.newBuilder()
                                        .setKnownTimeMillis(Long.MAX_VALUE)
                                        .setWriteItem(halves.write(LOW, "again")))
                        .getRefusal()
                        .getCode())
                .isEqualTo(Refusal.Code.TABLE_DROPPED);
        assertThat(left().machine().statistics(TABLE).getItems()).isZero();
    }

    @Test
    void aCrashThatLosesWhatTheStorageHadNotFlushedLosesNothing() throws IOException {
        halves.put(left(), LOW, "low");
        halves.put(halves.otherLeader(), HIGH, "before");
        merge();
        halves.put(left(), HIGH, "after");

        halves.crashAll();

        assertThat(read(left(), HIGH)).isEqualTo("after");
        assertThat(read(left(), LOW)).isEqualTo("low");
    }

    @Test
    void aCrashOfAllBetweenTheSealAndTheTakeLosesNothing() throws IOException {
        halves.put(halves.otherLeader(), HIGH, "before");
        RangeSealed sealed = seal();

        halves.crashAll();
        take(sealed);

        assertThat(read(left(), HIGH)).isEqualTo("before");
    }

    @Test
    void whoWasAwayTakesWhatItsOwnReplicaOfTheRightOneHasOnceThatHasComeToItsEnd() throws IOException {
        Node away = follower();
        away.stop();
        halves.put(halves.otherLeader(), HIGH, "before");
        RangeSealed sealed = seal();
        // Nobody takes it yet, so that the others' replicas of the right one are still there for the one that comes
        // back.
        away.start();
        group.pass(5_000);
        take(sealed);
        halves.put(left(), HIGH, "after");
        group.pass(1_000);

        assertThat(away.replica().tokens()).isEqualTo(new TokenRange(0, 0));
        assertThat(text(away.replica(), HIGH)).isEqualTo("after");
        away.replica().publishStatus();
        assertThat(away.replica().status().getSnapshotsInstalled()).isZero();
    }

    @Test
    void whoseReplicaOfTheRightOneWillNeverGetThereTakesASnapshot() throws IOException {
        Node away = follower();
        away.stop();
        halves.put(halves.otherLeader(), HIGH, "before");
        merge();
        halves.put(left(), HIGH, "after");

        away.start();
        group.pass(1_000);
        assertThat(away.replica().tokens())
                .as("it waits for its own replica of the right one")
                .isEqualTo(new TokenRange(0, HALF));
        assertThat(away.other(OTHER)).isPresent();
        group.pass(30_000);

        assertThat(away.replica().tokens()).isEqualTo(new TokenRange(0, 0));
        assertThat(text(away.replica(), HIGH)).isEqualTo("after");
        assertThat(away.other(OTHER)).as("it had to give way").isEmpty();
        assertThat(durableEpoch(away)).isEqualTo(EPOCH);
    }

    /** Its group may need it, to commit anything at all; what it holds stays where it is, to be taken at any time. */
    @Test
    void whoHasComeToTheSealGoesOnWhereTheLogBehindItIsGone() throws IOException {
        Node away = follower();
        halves.put(halves.otherLeader(), HIGH, "before");
        RangeSealed sealed = seal();
        away.stop();
        Replica leader = halves.otherLeader();
        halves.nodeOf(leader).post(() -> leader.transferLeadership(null, () -> {}));
        group.pass(1_000);
        assertThat(halves.otherLeader())
                .as("the new one's first entry is behind the seal")
                .isNotEqualTo(leader);
        group.pass(10_000);
        Replica next = halves.otherLeader();
        long lastIndex = next.log().lastIndex();
        halves.nodeOf(next).post(() -> next.compact(lastIndex, LogPressure.CRITICAL));
        group.pass(100);
        assertThat(next.log().baseIndex()).isGreaterThan(sealed.getIndex());

        away.start();
        group.pass(5_000);

        Replica right = away.other(OTHER).orElseThrow();
        assertThat(right.machine().applied().index()).isEqualTo(lastIndex);
        assertThat(right.log().baseIndex()).isEqualTo(lastIndex);
        assertThat(right.machine().isSealed()).isTrue();
        take(sealed);
        assertThat(text(away.replica(), HIGH)).isEqualTo("before");
        away.replica().publishStatus();
        assertThat(away.replica().status().getSnapshotsInstalled())
                .as("it has taken what its own node had")
                .isZero();
    }

    /** Who leads can't have a snapshot: it lets another lead, who has taken it all. */
    @Test
    void aLeaderThatCannotTakeTheRightOneLetsAnotherLead() throws IOException {
        halves.put(halves.otherLeader(), HIGH, "before");
        Node leader = group.leader();
        Node other = follower();
        RangeSealed sealed = seal();
        other.loseOther(OTHER);
        List<DataResponse> answers = group.submit(leader, takeRequest(sealed));
        group.pass(200);
        assertThat(answers).hasSize(1);
        leader.stop();
        group.pass(30_000);

        assertThat(group.leader()).isNotEqualTo(leader);
        assertThat(read(left(), HIGH)).isEqualTo("before");
        assertThat(text(other.replica(), HIGH)).isEqualTo("before");
    }

    private static long durableEpoch(Node node) {
        node.replica().publishStatus();
        return node.replica().status().getDurableEpoch();
    }

    private Replica left() {
        return group.leader().replica();
    }

    private Node follower() {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> node != group.leader() && node != halves.nodeOf(halves.otherLeader()))
                .findFirst()
                .orElseThrow();
    }

    private void merge() {
        take(seal());
    }

    private static DataRequest.Builder sealRequest() {
        return DataRequest.newBuilder().setSealRange(SealRange.newBuilder().setMerge(MERGE));
    }

    private RangeSealed seal() {
        RangeSealed sealed = halves.ask(halves.otherLeader(), sealRequest()).getRangeSealed();
        assertThat(sealed.getDone()).as(sealed.getReason()).isTrue();
        group.pass(500);
        return sealed;
    }

    private static DataRequest.Builder takeRequest(RangeSealed sealed) {
        return DataRequest.newBuilder()
                .setTakeRange(TakeRange.newBuilder()
                        .setMerge(MERGE)
                        .setSealIndex(sealed.getIndex())
                        .setSealTerm(sealed.getTerm()));
    }

    private DataResponse askToTake(RangeSealed sealed) {
        return halves.ask(left(), takeRequest(sealed));
    }

    private void take(RangeSealed sealed) {
        DataResponse answer = askToTake(sealed);
        assertThat(answer.getRangeTaken().getDone()).as(answer.toString()).isTrue();
        group.pass(1_000);
    }
}
