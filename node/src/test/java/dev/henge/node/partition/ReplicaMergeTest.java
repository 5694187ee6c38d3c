package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.TokenRange;
import dev.henge.node.partition.ReplicaGroup.Node;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.Refusal;
import dev.henge.proto.SealRange;
import dev.henge.proto.SplitRange;
import dev.henge.proto.TakeRange;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import dev.henge.proto.WriteOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two groups, of which one was split from the other, that become one again. */
class ReplicaMergeTest {

    private static final long TABLE = 7;
    private static final int RIGHT = 2;
    private static final long SPLIT_EPOCH = 9;
    private static final long EPOCH = 12;
    private static final long HALF = Long.MIN_VALUE;
    private static final long LOW = 1;
    private static final long HIGH = -1;

    private static final PartitionMerge MERGE = PartitionMerge.newBuilder()
            .setLeft(ReplicaGroup.PARTITION)
            .setRight(RIGHT)
            .setEpoch(EPOCH)
            .build();

    private final ReplicaGroup group;
    private int requests;

    ReplicaMergeTest() throws IOException {
        group = new ReplicaGroup();
        group.pass(3_000);
        SplitRange split = SplitRange.newBuilder()
                .setToken(HALF)
                .setChild(RIGHT)
                .setEpoch(SPLIT_EPOCH)
                .build();
        group.submit(group.leader(), DataRequest.newBuilder().setSplitRange(split));
        group.pass(3_000);
        assertThat(rightLeader().leads()).isTrue();
    }

    @Test
    void theLeftOneHasWhatWasWrittenInBothAndTheRightOneIsGone() {
        put(left(), LOW, "low");
        put(rightLeader(), HIGH, "high");

        merge();

        assertThat(left().tokens()).isEqualTo(new TokenRange(0, 0));
        assertThat(left().epoch()).isEqualTo(EPOCH);
        assertThat(read(left(), LOW)).isEqualTo("low");
        assertThat(read(left(), HIGH)).isEqualTo("high");
        put(left(), HIGH, "higher");
        assertThat(read(left(), HIGH)).isEqualTo("higher");
        for (String name : ReplicaGroup.NAMES) {
            assertThat(group.node(name).other(RIGHT)).as(name).isEmpty();
            assertThat(durableEpoch(group.node(name))).as(name).isEqualTo(EPOCH);
        }
    }

    @Test
    void fromItsSealOnTheRightOneServesNothingUnderAnyEpoch() {
        put(rightLeader(), HIGH, "high");
        seal();

        for (String name : ReplicaGroup.NAMES) {
            Replica right = group.node(name).other(RIGHT).orElseThrow();
            for (long epoch : List.of(SPLIT_EPOCH, EPOCH)) {
                for (boolean consistent : List.of(true, false)) {
                    Refusal refusal = readUnder(right, epoch, HIGH, consistent).getRefusal();
                    assertThat(refusal.getCode()).as(name).isEqualTo(Refusal.Code.STALE_EPOCH);
                    assertThat(refusal.getMerge()).as("where to go").isEqualTo(MERGE);
                }
            }
        }
        assertThat(ask(rightLeader(), DataRequest.newBuilder().setWriteItem(write(HIGH, "late")))
                        .getRefusal()
                        .getCode())
                .isEqualTo(Refusal.Code.STALE_EPOCH);
    }

    /** Others may apply the entry, and the left one be written, before this leader has applied it. */
    @Test
    void fromTheMomentOfTheAppendTheLeaderOfTheRightOneServesNothing() {
        put(rightLeader(), HIGH, "before");
        Replica right = rightLeader();
        List<DataResponse> given = new ArrayList<>();
        nodeOf(right).post(() -> {
            right.submit(whole(sealRequest(), right), response -> {});
            given.add(readUnder(right, SPLIT_EPOCH, HIGH, true));
            right.submit(
                    whole(DataRequest.newBuilder().setWriteItem(write(HIGH, "after")), right),
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
        WriteItem high = write(HIGH, "first");
        WriteItem low = write(LOW, "first");
        ask(rightLeader(), DataRequest.newBuilder().setWriteItem(high));
        ask(left(), DataRequest.newBuilder().setWriteItem(low));
        merge();
        put(left(), HIGH, "second");
        put(left(), LOW, "second");

        DataResponse copyOfHigh = ask(left(), DataRequest.newBuilder().setWriteItem(high));
        DataResponse copyOfLow = ask(left(), DataRequest.newBuilder().setWriteItem(low));

        assertThat(copyOfHigh.hasItemWritten()).as(copyOfHigh.toString()).isTrue();
        assertThat(copyOfLow.hasItemWritten()).as(copyOfLow.toString()).isTrue();
        assertThat(read(left(), HIGH)).isEqualTo("second");
        assertThat(read(left(), LOW)).isEqualTo("second");
    }

    /** A router sends each partition its writes; what one has left out came to the other one too late, and comes again. */
    @Test
    void ofWritesTogetherWhatWasLeftOutBeforeIsCarriedOutOnce() {
        DataRequest.Builder both = DataRequest.newBuilder()
                .setKnownTimeMillis(Long.MAX_VALUE)
                .setWriteItems(WriteItems.newBuilder()
                        .setRequestId(id("both"))
                        .addWrites(write(LOW, "low"))
                        .addWrites(write(HIGH, "high")));
        ask(left(), both.clone());
        merge();
        put(left(), LOW, "lower");

        List<WriteOutcome> outcomes =
                ask(left(), both.clone()).getItemsWritten().getOutcomesList();
        put(left(), HIGH, "higher");
        List<WriteOutcome> again = ask(left(), both.clone()).getItemsWritten().getOutcomesList();

        assertThat(outcomes)
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.WRITTEN, WriteOutcome.OutcomeCase.WRITTEN);
        assertThat(again).isEqualTo(outcomes);
        assertThat(read(left(), LOW)).isEqualTo("lower");
        assertThat(read(left(), HIGH)).isEqualTo("higher");
    }

    @Test
    void whatEachCarriedOutOfWritesTogetherIsRememberedAsOne() {
        DataRequest.Builder both = DataRequest.newBuilder()
                .setKnownTimeMillis(Long.MAX_VALUE)
                .setWriteItems(WriteItems.newBuilder()
                        .setRequestId(id("both"))
                        .addWrites(write(LOW, "low"))
                        .addWrites(write(HIGH, "high")));
        ask(left(), both.clone());
        ask(rightLeader(), both.clone());
        merge();
        put(left(), HIGH, "higher");

        List<WriteOutcome> again = ask(left(), both.clone()).getItemsWritten().getOutcomesList();

        assertThat(again)
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.WRITTEN, WriteOutcome.OutcomeCase.WRITTEN);
        assertThat(read(left(), HIGH)).isEqualTo("higher");
    }

    @Test
    void whoKnowsTheLeftOneOfBeforeIsServedWhatItHadAndToldWhatCame() {
        put(left(), LOW, "low");
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
        put(left(), LOW, "low");
        put(left(), LOW + 1, "low");
        put(rightLeader(), HIGH, "high");

        merge();
        put(left(), HIGH - 1, "higher");
        group.pass(1_000);

        assertThat(left().machine().counts()).isFalse();
        assertThat(left().machine().statistics(TABLE).getItems()).isEqualTo(4);
    }

    @Test
    void aTableThatOneOfThemHasDroppedIsGoneFromBoth() {
        put(left(), LOW, "low");
        put(rightLeader(), HIGH, "high");
        ask(
                rightLeader(),
                DataRequest.newBuilder()
                        .setKnownTimeMillis(Long.MAX_VALUE)
                        .setDropTable(
                                DropTable.newBuilder().setRequestId(id("drop")).setTable(TABLE)));

        merge();

        assertThat(text(left(), LOW)).isEmpty();
        assertThat(ask(
                                left(),
                                DataRequest.newBuilder()
                                        .setKnownTimeMillis(Long.MAX_VALUE)
                                        .setWriteItem(write(LOW, "again")))
                        .getRefusal()
                        .getCode())
                .isEqualTo(Refusal.Code.TABLE_DROPPED);
        assertThat(left().machine().statistics(TABLE).getItems()).isZero();
    }

    @Test
    void aCrashThatLosesWhatTheStorageHadNotFlushedLosesNothing() throws IOException {
        put(left(), LOW, "low");
        put(rightLeader(), HIGH, "before");
        merge();
        put(left(), HIGH, "after");

        for (String name : ReplicaGroup.NAMES) {
            group.node(name).crash();
        }
        for (String name : ReplicaGroup.NAMES) {
            group.node(name).start();
        }
        group.pass(10_000);

        assertThat(read(left(), HIGH)).isEqualTo("after");
        assertThat(read(left(), LOW)).isEqualTo("low");
    }

    @Test
    void aCrashOfAllBetweenTheSealAndTheTakeLosesNothing() throws IOException {
        put(rightLeader(), HIGH, "before");
        RangeSealed sealed = seal();

        for (String name : ReplicaGroup.NAMES) {
            group.node(name).crash();
        }
        for (String name : ReplicaGroup.NAMES) {
            group.node(name).start();
        }
        group.pass(10_000);
        take(sealed);

        assertThat(read(left(), HIGH)).isEqualTo("before");
    }

    @Test
    void whoWasAwayTakesWhatItsOwnReplicaOfTheRightOneHasOnceThatHasComeToItsEnd() throws IOException {
        Node away = follower();
        away.stop();
        put(rightLeader(), HIGH, "before");
        RangeSealed sealed = seal();
        // Nobody takes it yet, so that the others' replicas of the right one are still there for the one that comes
        // back.
        away.start();
        group.pass(5_000);
        take(sealed);
        put(left(), HIGH, "after");
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
        put(rightLeader(), HIGH, "before");
        merge();
        put(left(), HIGH, "after");

        away.start();
        group.pass(1_000);
        assertThat(away.replica().tokens())
                .as("it waits for its own replica of the right one")
                .isEqualTo(new TokenRange(0, HALF));
        assertThat(away.other(RIGHT)).isPresent();
        group.pass(30_000);

        assertThat(away.replica().tokens()).isEqualTo(new TokenRange(0, 0));
        assertThat(text(away.replica(), HIGH)).isEqualTo("after");
        assertThat(away.other(RIGHT)).as("it had to give way").isEmpty();
        assertThat(durableEpoch(away)).isEqualTo(EPOCH);
    }

    /** Who leads can't have a snapshot: it lets another lead, who has taken it all. */
    @Test
    void aLeaderThatCannotTakeTheRightOneLetsAnotherLead() throws IOException {
        put(rightLeader(), HIGH, "before");
        Node leader = group.leader();
        Node other = follower();
        RangeSealed sealed = seal();
        other.loseOther(RIGHT);
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
                .filter(node -> node != group.leader() && node != nodeOf(rightLeader()))
                .findFirst()
                .orElseThrow();
    }

    private Replica rightLeader() {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .flatMap(node -> node.other(RIGHT).stream())
                .filter(Replica::leads)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody leads the right partition"));
    }

    private void merge() {
        take(seal());
    }

    private static DataRequest.Builder sealRequest() {
        return DataRequest.newBuilder().setSealRange(SealRange.newBuilder().setMerge(MERGE));
    }

    private RangeSealed seal() {
        RangeSealed sealed = ask(rightLeader(), sealRequest()).getRangeSealed();
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
        return ask(left(), takeRequest(sealed));
    }

    private void take(RangeSealed sealed) {
        DataResponse answer = askToTake(sealed);
        assertThat(answer.getRangeTaken().getDone()).as(answer.toString()).isTrue();
        group.pass(1_000);
    }

    private Node nodeOf(Replica replica) {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> node.isUp()
                        && (node.replica() == replica
                                || node.other(RIGHT)
                                        .filter(other -> other == replica)
                                        .isPresent()))
                .findFirst()
                .orElseThrow();
    }

    private DataResponse ask(Replica replica, DataRequest.Builder request) {
        List<DataResponse> answers = group.submit(nodeOf(replica), replica, request);
        group.pass(500);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private void put(Replica replica, long token, String value) {
        DataResponse answer = ask(replica, DataRequest.newBuilder().setWriteItem(write(token, value)));
        if (answer.getRefusal().getCode() == Refusal.Code.REQUEST_TOO_OLD) {
            answer = ask(
                    replica,
                    DataRequest.newBuilder()
                            .setKnownTimeMillis(answer.getPartitionTimeMillis())
                            .setWriteItem(write(token, value)));
        }
        assertThat(answer.hasItemWritten()).as(answer.toString()).isTrue();
    }

    private String read(Replica replica, long token) {
        DataResponse answer = readUnder(replica, replica.epoch(), token, true);
        assertThat(answer.hasItemRead()).as(answer.toString()).isTrue();
        return textOf(answer);
    }

    private String text(Replica replica, long token) {
        return textOf(readUnder(replica, replica.epoch(), token, false));
    }

    private static String textOf(DataResponse answer) {
        if (answer.getItemRead().getItem().isEmpty()) {
            return "";
        }
        return ItemCodec.decode(answer.getItemRead().getItem().toByteArray()).get("v") instanceof StringValue text
                ? text.value()
                : "";
    }

    private static DataResponse readUnder(Replica replica, long epoch, long token, boolean consistent) {
        List<DataResponse> answers = new ArrayList<>();
        replica.read(
                DataRequest.newBuilder()
                        .setPartition(replica.partition())
                        .setEpoch(epoch)
                        .setReadItem(ReadItem.newBuilder()
                                .setTable(TABLE)
                                .setKey(key(token))
                                .setConsistent(consistent))
                        .build(),
                response -> answers.add(response.build()));
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private static DataRequest whole(DataRequest.Builder request, Replica replica) {
        return request.setPartition(replica.partition())
                .setEpoch(replica.epoch())
                .build();
    }

    private static ByteString key(long token) {
        return ByteString.copyFrom(ItemKeys.of(token, KeyEncoding.encode(new StringValue("k"))));
    }

    private WriteItem write(long token, String value) {
        requests++;
        return WriteItem.newBuilder()
                .setRequestId(id("request " + requests))
                .setTable(TABLE)
                .setKey(key(token))
                .setPut(ByteString.copyFrom(
                        ItemCodec.encode(Map.of("k", new StringValue("k"), "v", new StringValue(value)))))
                .build();
    }

    private static ByteString id(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
