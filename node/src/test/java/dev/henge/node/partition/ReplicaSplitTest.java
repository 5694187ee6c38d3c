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
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PartitionSplit;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.Refusal;
import dev.henge.proto.SplitRange;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import dev.henge.proto.WriteOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A group whose partition is split, and the group that comes of it. */
class ReplicaSplitTest {

    private static final long TABLE = 7;
    private static final int CHILD = 2;
    private static final long EPOCH = 9;
    private static final long HALF = Long.MIN_VALUE;
    private static final long LOW = 1;
    private static final long HIGH = -1;

    private final ReplicaGroup group;

    ReplicaSplitTest() throws IOException {
        group = new ReplicaGroup();
        group.pass(3_000);
        assertThat(group.hasLeader()).as(group.roles()).isTrue();
    }

    @Test
    void eachHalfHasWhatWasWrittenInItsRange() {
        put(group.leader().replica(), LOW, "low");
        put(group.leader().replica(), HIGH, "high");

        split();

        Replica parent = group.leader().replica();
        Replica child = childLeader();
        assertThat(parent.tokens()).isEqualTo(new TokenRange(0, HALF));
        assertThat(child.tokens()).isEqualTo(new TokenRange(HALF, 0));
        assertThat(List.of(parent.epoch(), child.epoch())).containsOnly(EPOCH);
        assertThat(read(parent, LOW)).isEqualTo("low");
        assertThat(read(child, HIGH)).isEqualTo("high");
        for (String name : ReplicaGroup.NAMES) {
            assertThat(group.node(name).other(CHILD)).as(name).isPresent();
        }
    }

    @Test
    void whoLedThePartitionLeadsTheOtherOneAtOnce() {
        Node leader = group.leader();
        List<DataResponse> answers = group.submit(leader, splitRequest());

        group.pass(50);

        assertThat(answers.getFirst().getRangeSplit().getDone()).isTrue();
        assertThat(leader.other(CHILD).orElseThrow().leads()).isTrue();
    }

    @Test
    void askingAgainSplitsOnce() {
        split();
        long lastIndex = group.leader().replica().log().lastIndex();

        DataResponse again = answer(group.submit(group.leader(), splitRequest()));

        assertThat(again.getRangeSplit().getDone()).isTrue();
        assertThat(group.leader().replica().log().lastIndex()).isLessThanOrEqualTo(lastIndex + 1);
    }

    @Test
    void aRequestThatKnowsTheRangeOfBeforeIsRefusedByAll() {
        split();

        for (String name : ReplicaGroup.NAMES) {
            DataResponse eventual = readUnder(group.node(name).replica(), 1, HIGH, false);
            assertThat(eventual.getRefusal().getCode()).as(name).isEqualTo(Refusal.Code.STALE_EPOCH);
            assertThat(eventual.getRefusal().getSplit())
                    .as("what the sender is to make of its map")
                    .isEqualTo(PartitionSplit.newBuilder()
                            .setToken(HALF)
                            .setChild(CHILD)
                            .setEpoch(EPOCH)
                            .build());
        }
    }

    /** Nobody has to wait for the map for the sake of what stays where it was. */
    @Test
    void unlessItIsOfOneItemThatIsStillThePartitions() {
        put(group.leader().replica(), LOW, "before");
        split();
        Replica replica = group.leader().replica();
        List<DataResponse> written = new ArrayList<>();
        group.leader()
                .post(() -> replica.submit(
                        whole(
                                DataRequest.newBuilder()
                                        .setKnownTimeMillis(Long.MAX_VALUE)
                                        .setWriteItem(write(LOW, "after")),
                                1),
                        response -> written.add(response.build())));

        assertThat(textOf(readUnder(replica, 1, LOW, true))).isEqualTo("before");
        assertThat(answer(written).hasItemWritten()).isTrue();
        assertThat(written.getFirst().getPartitionTimeMillis())
                .as("the sender may take it for the other half's")
                .isZero();
        assertThat(read(replica, LOW)).isEqualTo("after");
    }

    /** Others may apply the entry, and the other half be written, before this leader has applied it. */
    @Test
    void fromTheMomentOfTheAppendTheLeaderServesNothingOfTheOtherHalf() {
        put(group.leader().replica(), HIGH, "before");
        Node leader = group.leader();
        Replica replica = leader.replica();
        List<DataResponse> given = new ArrayList<>();
        List<DataResponse> appended = new ArrayList<>();
        List<DataResponse> own = new ArrayList<>();
        List<Integer> atOnce = new ArrayList<>();
        // In the turn in which the entry is appended.
        leader.post(() -> {
            replica.submit(whole(splitRequest(), 1), response -> appended.add(response.build()));
            replica.read(whole(read(HIGH, true), 1), response -> given.add(response.build()));
            replica.read(whole(read(HIGH, false), 1), response -> given.add(response.build()));
            replica.read(
                    whole(
                            DataRequest.newBuilder()
                                    .setReadRange(ReadRange.newBuilder()
                                            .setTable(TABLE)
                                            .setConsistent(true)),
                            1),
                    response -> given.add(response.build()));
            replica.submit(
                    whole(DataRequest.newBuilder().setWriteItem(write(HIGH, "after")), 1),
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
        group.submit(leader, splitRequest());
        for (int turn = 0; turn < 1_000 && leader.other(CHILD).isEmpty(); turn++) {
            group.settleOnce();
        }
        Replica child = leader.other(CHILD).orElseThrow();
        assertThat(child.leads()).isFalse();

        List<DataResponse> written =
                group.submit(leader, child, DataRequest.newBuilder().setWriteItem(write(HIGH, "early")));
        leader.post(() -> assertThat(child.leads()).isFalse());
        group.pass(500);

        assertThat(answer(written).hasItemWritten()).as(written.toString()).isTrue();
        assertThat(read(childLeader(), HIGH)).isEqualTo("early");
    }

    @Test
    void aRequestThatWasCarriedOutBeforeIsNotCarriedOutAgainByEitherHalf() {
        WriteItem high = write(HIGH, "first");
        WriteItem low = write(LOW, "first");
        ask(group.leader().replica(), DataRequest.newBuilder().setWriteItem(high));
        ask(group.leader().replica(), DataRequest.newBuilder().setWriteItem(low));
        split();
        put(childLeader(), HIGH, "second");

        DataResponse copyOfHigh = ask(childLeader(), DataRequest.newBuilder().setWriteItem(high));
        DataResponse copyOfLow =
                ask(group.leader().replica(), DataRequest.newBuilder().setWriteItem(low));

        assertThat(copyOfHigh.hasItemWritten()).isTrue();
        assertThat(copyOfLow.hasItemWritten()).isTrue();
        assertThat(read(childLeader(), HIGH)).isEqualTo("second");
    }

    @Test
    void ofWritesTogetherEachHalfTakesItsOwnAndLeavesTheOthersOut() {
        split();
        DataRequest.Builder both = DataRequest.newBuilder()
                .setWriteItems(WriteItems.newBuilder()
                        .setRequestId(id("both"))
                        .addWrites(write(LOW, "low"))
                        .addWrites(write(HIGH, "high")));

        List<WriteOutcome> ofParent =
                ask(group.leader().replica(), both.clone()).getItemsWritten().getOutcomesList();
        List<WriteOutcome> ofChild =
                ask(childLeader(), both.clone()).getItemsWritten().getOutcomesList();

        assertThat(ofParent)
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.WRITTEN, WriteOutcome.OutcomeCase.OUTCOME_NOT_SET);
        assertThat(ofChild)
                .extracting(WriteOutcome::getOutcomeCase)
                .containsExactly(WriteOutcome.OutcomeCase.OUTCOME_NOT_SET, WriteOutcome.OutcomeCase.WRITTEN);
        assertThat(read(group.leader().replica(), LOW)).isEqualTo("low");
        assertThat(read(childLeader(), HIGH)).isEqualTo("high");
    }

    @Test
    void bothCountAnewWhatTheyHave() {
        for (int number = 0; number < 10; number++) {
            put(group.leader().replica(), 1 + number, "low");
        }
        put(group.leader().replica(), HIGH, "high");

        split();
        put(childLeader(), HIGH - 1, "higher");
        group.pass(1_000);

        assertThat(group.leader().replica().machine().statistics(TABLE).getItems())
                .isEqualTo(10);
        assertThat(childLeader().machine().statistics(TABLE).getItems()).isEqualTo(2);
        assertThat(childLeader().machine().counts()).isFalse();
    }

    @Test
    void aCrashThatLosesWhatTheStorageHadNotFlushedLosesNothing() throws IOException {
        put(group.leader().replica(), HIGH, "before");
        split();
        put(childLeader(), HIGH, "after");
        put(group.leader().replica(), LOW, "low");

        for (String name : ReplicaGroup.NAMES) {
            group.node(name).crash();
        }
        for (String name : ReplicaGroup.NAMES) {
            group.node(name).start();
        }
        group.pass(10_000);

        assertThat(read(childLeader(), HIGH)).isEqualTo("after");
        assertThat(read(group.leader().replica(), LOW)).isEqualTo("low");
    }

    @Test
    void whoWasAwayFindsTheSplitInTheLog() throws IOException {
        Node away = follower();
        away.stop();
        put(group.leader().replica(), HIGH, "before");
        split();
        put(childLeader(), HIGH, "after");

        away.start();
        group.pass(5_000);

        Replica late = away.other(CHILD).orElseThrow();
        assertThat(text(late, HIGH)).isEqualTo("after");
    }

    /** It has nothing of the other half then, but a voice: else few could be left to elect anybody. */
    @Test
    void whoComesBehindTheSplitByASnapshotTakesThatOfTheOtherHalfToo() throws IOException {
        Node away = follower();
        away.stop();
        put(group.leader().replica(), HIGH, "before");
        split();
        compact();
        PartitionRecord record =
                Objects.requireNonNull(group.leader().splitOff().get(CHILD));

        away.start();
        assertThat(away.openOther(record, false))
                .as("its tokens are still those of the whole")
                .isFalse();
        group.pass(20_000);
        assertThat(away.replica().tokens()).isEqualTo(new TokenRange(0, HALF));
        assertThat(away.other(CHILD)).isEmpty();
        assertThat(away.openOther(record, false)).isTrue();
        Replica late = away.other(CHILD).orElseThrow();
        assertThat(late.usable()).as("it has no state yet").isFalse();
        group.pass(20_000);

        assertThat(late.usable()).isTrue();
        assertThat(text(late, HIGH)).isEqualTo("before");
        assertThat(late.core().configuration().isVoter(away.name)).isTrue();
    }

    /** What its log has up to the split it applies before it takes the snapshot, which proves that it is committed. */
    @Test
    void whoHasTheEntryAndDoesNotKnowThatItIsCommittedSplitsBeforeItTakesASnapshot() throws IOException {
        put(group.leader().replica(), HIGH, "before");
        Node leader = group.leader();
        Node away = follower();
        long splitIndex = leader.replica().log().lastIndex() + 1;
        List<DataResponse> answers = group.submit(leader, splitRequest());
        for (int turn = 0; turn < 200 && away.replica().log().lastIndex() < splitIndex; turn++) {
            group.settleOnce();
        }
        assertThat(away.replica().log().lastIndex()).isEqualTo(splitIndex);
        assertThat(away.replica().machine().applied().index()).isLessThan(splitIndex);
        away.stop();
        group.pass(2_000);
        assertThat(answer(answers).getRangeSplit().getDone()).isTrue();
        for (int number = 0; number < 5; number++) {
            put(group.leader().replica(), LOW, "low" + number);
        }
        compact();

        away.start();
        group.pass(20_000);

        assertThat(away.replica().tokens()).isEqualTo(new TokenRange(0, HALF));
        assertThat(text(away.other(CHILD).orElseThrow(), HIGH)).isEqualTo("before");
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

    private void split() {
        assertThat(answer(group.submit(group.leader(), splitRequest()))
                        .getRangeSplit()
                        .getDone())
                .isTrue();
        group.pass(2_000);
    }

    private static DataRequest.Builder splitRequest() {
        return DataRequest.newBuilder()
                .setSplitRange(
                        SplitRange.newBuilder().setToken(HALF).setChild(CHILD).setEpoch(EPOCH));
    }

    private Replica childLeader() {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .flatMap(node -> node.other(CHILD).stream())
                .filter(Replica::leads)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody leads the other partition"));
    }

    private Node nodeOf(Replica replica) {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> node.isUp()
                        && (node.replica() == replica
                                || node.other(CHILD)
                                        .filter(other -> other == replica)
                                        .isPresent()))
                .findFirst()
                .orElseThrow();
    }

    private DataResponse ask(Replica replica, DataRequest.Builder request) {
        return answer(group.submit(nodeOf(replica), replica, request));
    }

    private DataResponse answer(List<DataResponse> answers) {
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
        return ItemCodec.decode(answer.getItemRead().getItem().toByteArray()).get("v") instanceof StringValue text
                ? text.value()
                : "";
    }

    private static DataResponse readUnder(Replica replica, long epoch, long token, boolean consistent) {
        List<DataResponse> answers = new ArrayList<>();
        replica.read(
                read(token, consistent)
                        .setPartition(replica.partition())
                        .setEpoch(epoch)
                        .build(),
                response -> answers.add(response.build()));
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private static DataRequest.Builder read(long token, boolean consistent) {
        return DataRequest.newBuilder()
                .setReadItem(
                        ReadItem.newBuilder().setTable(TABLE).setKey(key(token)).setConsistent(consistent));
    }

    private static DataRequest whole(DataRequest.Builder request, long epoch) {
        return request.setPartition(ReplicaGroup.PARTITION).setEpoch(epoch).build();
    }

    private static ByteString key(long token) {
        return ByteString.copyFrom(ItemKeys.of(token, KeyEncoding.encode(new StringValue("k"))));
    }

    private static int nextId;

    private static WriteItem write(long token, String value) {
        nextId++;
        return WriteItem.newBuilder()
                .setRequestId(id("request " + nextId))
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
