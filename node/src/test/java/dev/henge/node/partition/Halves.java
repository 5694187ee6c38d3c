package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.node.partition.ReplicaGroup.Node;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.ReadItem;
import dev.henge.proto.Refusal;
import dev.henge.proto.SplitRange;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What tests ask of a group whose partition is split at half of the ring, and of the group that comes of it: items by their tokens. */
final class Halves {

    static final long TABLE = 7;

    /** The partition that is split off. */
    static final int OTHER = 2;

    static final long HALF = Long.MIN_VALUE;

    /** A token of the first half. */
    static final long LOW = 1;

    /** A token of the other half. */
    static final long HIGH = -1;

    private final ReplicaGroup group;
    private int requests;

    Halves(ReplicaGroup group) {
        this.group = group;
    }

    static DataRequest.Builder splitRequest(long epoch) {
        return DataRequest.newBuilder()
                .setSplitRange(
                        SplitRange.newBuilder().setToken(HALF).setChild(OTHER).setEpoch(epoch));
    }

    void split(long epoch) {
        DataResponse answer = answer(group.submit(group.leader(), splitRequest(epoch)));
        assertThat(answer.getRangeSplit().getDone()).as(answer.toString()).isTrue();
        group.pass(2_000);
    }

    Replica otherLeader() {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .flatMap(node -> node.other(OTHER).stream())
                .filter(Replica::leads)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody leads the other partition"));
    }

    Node nodeOf(Replica replica) {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> node.isUp()
                        && (node.replica() == replica
                                || node.other(OTHER)
                                        .filter(other -> other == replica)
                                        .isPresent()))
                .findFirst()
                .orElseThrow();
    }

    /** All nodes lose power, and what their storage had not flushed; then they are back. */
    void crashAll() throws IOException {
        for (String name : ReplicaGroup.NAMES) {
            group.node(name).crash();
        }
        for (String name : ReplicaGroup.NAMES) {
            group.node(name).start();
        }
        group.pass(10_000);
    }

    DataResponse ask(Replica replica, DataRequest.Builder request) {
        return answer(group.submit(nodeOf(replica), replica, request));
    }

    /** The only answer that comes in a while. */
    DataResponse answer(List<DataResponse> answers) {
        group.pass(500);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    void put(Replica replica, long token, String value) {
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

    /** What a leader says that an item holds. */
    static String read(Replica replica, long token) {
        DataResponse answer = readUnder(replica, replica.epoch(), token, true);
        assertThat(answer.hasItemRead()).as(answer.toString()).isTrue();
        return textOf(answer);
    }

    /** What an item holds by any replica, the empty text where there is none. */
    static String text(Replica replica, long token) {
        return textOf(readUnder(replica, replica.epoch(), token, false));
    }

    static String textOf(DataResponse answer) {
        if (answer.getItemRead().getItem().isEmpty()) {
            return "";
        }
        return ItemCodec.decode(answer.getItemRead().getItem().toByteArray()).get("v") instanceof StringValue text
                ? text.value()
                : "";
    }

    /** @param epoch of the range that the sender knows */
    static DataResponse readUnder(Replica replica, long epoch, long token, boolean consistent) {
        List<DataResponse> answers = new ArrayList<>();
        replica.read(whole(readRequest(token, consistent), replica, epoch), response -> answers.add(response.build()));
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    static DataRequest.Builder readRequest(long token, boolean consistent) {
        return DataRequest.newBuilder()
                .setReadItem(
                        ReadItem.newBuilder().setTable(TABLE).setKey(key(token)).setConsistent(consistent));
    }

    /** A request to a replica, of a sender that knows the range of an epoch. */
    static DataRequest whole(DataRequest.Builder request, Replica replica, long epoch) {
        return request.setPartition(replica.partition()).setEpoch(epoch).build();
    }

    /** A write with an id of its own. */
    WriteItem write(long token, String value) {
        requests++;
        return WriteItem.newBuilder()
                .setRequestId(id("request " + requests))
                .setTable(TABLE)
                .setKey(key(token))
                .setPut(ByteString.copyFrom(
                        ItemCodec.encode(Map.of("k", new StringValue("k"), "v", new StringValue(value)))))
                .build();
    }

    /** One item of each half, together. */
    DataRequest.Builder writeOfBoth() {
        return DataRequest.newBuilder()
                .setWriteItems(WriteItems.newBuilder()
                        .setRequestId(id("both"))
                        .addWrites(write(LOW, "low"))
                        .addWrites(write(HIGH, "high")));
    }

    static ByteString id(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static ByteString key(long token) {
        return ByteString.copyFrom(ItemKeys.of(token, KeyEncoding.encode(new StringValue("k"))));
    }
}
