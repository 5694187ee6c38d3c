package dev.henge.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.grpc.stub.CallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CorkTest {

    /** A stream that is always ready, and keeps what it is given. */
    private static final class Kept extends CallStreamObserver<List<String>> {
        final List<List<String>> batches = new ArrayList<>();
        boolean broken;

        @Override
        public void onNext(List<String> batch) {
            if (broken) {
                throw new IllegalStateException("the stream is broken");
            }
            batches.add(batch);
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(@Nullable Runnable onReady) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
    }

    private final Kept first = new Kept();
    private final Kept second = new Kept();
    private final BatchingSender<StringValue, List<String>> toFirst = sender(first);
    private final BatchingSender<StringValue, List<String>> toSecond = sender(second);

    @Test
    void whatIsSentWithoutOneGoesAtOnce() {
        send(toFirst, "a");
        send(toFirst, "b");

        assertThat(first.batches).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void whatIsSentAroundOneGoesAsOneBatchToEachReceiver() {
        Cork.around(() -> {
            send(toFirst, "a");
            send(toSecond, "b");
            send(toFirst, "c");
            assertThat(first.batches).isEmpty();
        });

        assertThat(first.batches).containsExactly(List.of("a", "c"));
        assertThat(second.batches).containsExactly(List.of("b"));
    }

    @Test
    void oneWithinAnotherIsPartOfIt() {
        Cork.around(() -> {
            Cork.around(() -> send(toFirst, "a"));
            assertThat(first.batches).isEmpty();
            send(toFirst, "b");
        });

        assertThat(first.batches).containsExactly(List.of("a", "b"));
    }

    @Test
    void whatWasSentGoesAlsoWhenTheTaskFails() {
        assertThatThrownBy(() -> Cork.around(() -> {
                    send(toFirst, "a");
                    throw new IllegalArgumentException("the task");
                }))
                .hasMessage("the task");

        assertThat(first.batches).containsExactly(List.of("a"));
        send(toFirst, "b");
        assertThat(first.batches).hasSize(2);
    }

    @Test
    void aStreamThatIsBrokenKeepsNothingFromTheOthers() {
        first.broken = true;

        Cork.around(() -> {
            send(toFirst, "a");
            send(toSecond, "b");
        });

        assertThat(second.batches).containsExactly(List.of("b"));
        assertThat(toFirst.send(StringValue.of("c"))).isFalse();
    }

    private static BatchingSender<StringValue, List<String>> sender(Kept stream) {
        return new BatchingSender<>(
                stream, batch -> batch.stream().map(StringValue::getValue).toList(), 1 << 20);
    }

    private static void send(BatchingSender<StringValue, List<String>> sender, String text) {
        assertThat(sender.send(StringValue.of(text))).isTrue();
    }
}
