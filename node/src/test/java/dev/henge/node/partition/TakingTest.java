package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.RememberedRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TakingTest {

    private static final int LEFT = 1;
    private static final int RIGHT = 2;

    private final RequestMemory left = memory();
    private final RequestMemory right = memory();

    /** The right one's clock stood still while it was idle, and what it remembers would be forgotten later than by the left one's. */
    @Test
    void whatOneOfTwoWouldStillRememberIsRememberedByBothTogether() throws InvalidProtocolBufferException {
        left.add(5, request("x", 5_000));
        left.add(6, request("y", 20_000));
        right.add(5, request("x", 5_000));

        InMemoryEngine joined = joined(100_000, 10_000);

        assertThat(remembered(joined, 5)).isEqualTo(request("x", 95_000));
        assertThat(remembered(joined, 6))
                .as("forgotten, as the right one's clock says")
                .isNull();
    }

    /** How far back a memory reaches follows from its newest request. */
    @Test
    void whatBothRememberCountsByTheLaterTime() throws InvalidProtocolBufferException {
        left.add(5, request("x", 80_000));
        right.add(5, request("x", 5_000));

        assertThat(remembered(joined(100_000, 10_000), 5)).isEqualTo(request("x", 95_000));
    }

    private InMemoryEngine joined(long leftMillis, long rightMillis) {
        InMemoryEngine storage = new InMemoryEngine();
        left.places().forEach(place -> put(storage, place.index(), left.request(place)));
        WriteBatch batch = new WriteBatch();
        Taking.joinRequests(LEFT, left, leftMillis, RIGHT, right, rightMillis, batch);
        storage.write(batch);
        return storage;
    }

    private static RequestMemory memory() {
        return new RequestMemory(place -> {
            throw new AssertionError("not so large");
        });
    }

    private static void put(InMemoryEngine storage, long index, RememberedRequest request) {
        storage.write(new WriteBatch().put(StoredRequests.key(LEFT, 0, index), request.toByteArray()));
    }

    private static @Nullable RememberedRequest remembered(InMemoryEngine storage, long index)
            throws InvalidProtocolBufferException {
        byte[] stored = storage.get(StoredRequests.key(LEFT, 0, index));
        return stored == null ? null : RememberedRequest.parseFrom(stored);
    }

    private static RememberedRequest request(String id, long timestampMillis) {
        return RememberedRequest.newBuilder()
                .setRequestId(ByteString.copyFromUtf8(id))
                .setTimestampMillis(timestampMillis)
                .build();
    }
}
