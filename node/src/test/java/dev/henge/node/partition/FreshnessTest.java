package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.Append;
import dev.henge.proto.Heartbeat;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.TimeoutNow;
import org.junit.jupiter.api.Test;

class FreshnessTest {

    private final Freshness freshness = new Freshness();

    @Test
    void whoHasAboutWhatTheLeaderCommittedIsNear() {
        freshness.hear(PeerMessage.newBuilder()
                .setAppend(Append.newBuilder().setCommitIndex(5_000))
                .build());

        assertThat(freshness.isNear(5_000)).isTrue();
        assertThat(freshness.isNear(4_000)).isTrue();
        assertThat(freshness.isNear(3_999)).isFalse();
    }

    @Test
    void whatIsCommittedStaysSo() {
        freshness.hear(PeerMessage.newBuilder()
                .setHeartbeat(Heartbeat.newBuilder().setCommitIndex(5_000))
                .build());
        freshness.hear(PeerMessage.newBuilder()
                .setHeartbeat(Heartbeat.newBuilder().setCommitIndex(7))
                .build());
        freshness.hear(PeerMessage.newBuilder()
                .setTimeoutNow(TimeoutNow.getDefaultInstance())
                .build());

        assertThat(freshness.isNear(7)).isFalse();
    }
}
