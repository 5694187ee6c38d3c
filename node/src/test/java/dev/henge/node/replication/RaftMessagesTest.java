package dev.henge.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.SnapshotPiece;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaftMessagesTest {

    @Test
    void everyMessageSurvivesItsWireForm() throws InvalidProtocolBufferException {
        List<RaftMessage> messages = List.of(
                new RaftMessage.PreVote(3, 2, 1),
                new RaftMessage.PreVoteReply(3, true),
                new RaftMessage.Vote(3, 2, 1),
                new RaftMessage.Vote(3, 2, 1, true),
                new RaftMessage.TimeoutNow(3),
                new RaftMessage.VoteReply(3, false),
                TestReplica.append(3, 7, 2, 5, 2L, 3L),
                TestReplica.append(3, 7, 2, 5),
                new RaftMessage.AppendReply(3, true, 9, 0, 0, 8, 77),
                new RaftMessage.AppendReply(3, false, 9, 4, 2, 1, 0),
                new RaftMessage.Heartbeat(3, 2, 1, Long.MIN_VALUE),
                new RaftMessage.HeartbeatReply(3, 2, true, 5, Long.MIN_VALUE),
                new RaftMessage.Release(3));
        for (RaftMessage message : messages) {
            byte[] bytes = RaftMessages.toProto(17, message).toByteArray();

            PeerMessage wire = PeerMessage.parseFrom(bytes);

            assertThat(wire.getPartition()).isEqualTo(17);
            assertThat(RaftMessages.fromProto(wire)).isEqualTo(message);
        }
        assertThat(messages.stream().map(Object::getClass).distinct())
                .as("all kinds")
                .hasSize(RaftMessage.class.getPermittedSubclasses().length);
    }

    @Test
    void whatIsNotForTheCoreIsNull() {
        PeerMessage chunk = PeerMessage.newBuilder()
                .setSnapshotPiece(SnapshotPiece.getDefaultInstance())
                .build();

        assertThat(RaftMessages.fromProto(chunk)).isNull();
        assertThat(RaftMessages.fromProto(PeerMessage.getDefaultInstance())).isNull();
    }
}
