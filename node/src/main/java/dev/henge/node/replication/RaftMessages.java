package dev.henge.node.replication;

import dev.henge.proto.Entry;
import dev.henge.proto.PeerMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The wire form of {@link RaftMessage}. */
public final class RaftMessages {

    private RaftMessages() {}

    public static PeerMessage toProto(int partition, RaftMessage message) {
        PeerMessage.Builder wire =
                PeerMessage.newBuilder().setPartition(partition).setTerm(message.term());
        switch (message) {
            case RaftMessage.PreVote preVote ->
                wire.setPreVote(dev.henge.proto.PreVote.newBuilder()
                        .setLastIndex(preVote.lastIndex())
                        .setLastTerm(preVote.lastTerm()));
            case RaftMessage.PreVoteReply reply ->
                wire.setPreVoteReply(dev.henge.proto.PreVoteReply.newBuilder().setGranted(reply.granted()));
            case RaftMessage.Vote vote ->
                wire.setVote(dev.henge.proto.Vote.newBuilder()
                        .setLastIndex(vote.lastIndex())
                        .setLastTerm(vote.lastTerm())
                        .setTransfer(vote.transfer()));
            case RaftMessage.VoteReply reply ->
                wire.setVoteReply(dev.henge.proto.VoteReply.newBuilder().setGranted(reply.granted()));
            case RaftMessage.Append append -> wire.setAppend(appendToProto(append));
            case RaftMessage.AppendReply reply ->
                wire.setAppendReply(dev.henge.proto.AppendReply.newBuilder()
                        .setAccepted(reply.accepted())
                        .setMatchIndex(reply.matchIndex())
                        .setHintIndex(reply.hintIndex())
                        .setHintTerm(reply.hintTerm())
                        .setCommitIndex(reply.commitIndex())
                        .setSession(reply.session()));
            case RaftMessage.Heartbeat heartbeat ->
                wire.setHeartbeat(dev.henge.proto.Heartbeat.newBuilder()
                        .setCommitIndex(heartbeat.commitIndex())
                        .setRound(heartbeat.round())
                        .setIncarnation(heartbeat.incarnation()));
            case RaftMessage.HeartbeatReply reply ->
                wire.setHeartbeatReply(dev.henge.proto.HeartbeatReply.newBuilder()
                        .setRound(reply.round())
                        .setWantsSnapshot(reply.wantsSnapshot())
                        .setCommitIndex(reply.commitIndex())
                        .setSession(reply.session()));
            case RaftMessage.Release ignored -> wire.setRelease(dev.henge.proto.Release.getDefaultInstance());
            case RaftMessage.TimeoutNow ignored -> wire.setTimeoutNow(dev.henge.proto.TimeoutNow.getDefaultInstance());
        }
        return wire.build();
    }

    /** Null when the message is not the core's: part of a snapshot transfer, or of a kind this version doesn't know. */
    public static @Nullable RaftMessage fromProto(PeerMessage wire) {
        long term = wire.getTerm();
        return switch (wire.getKindCase()) {
            case PRE_VOTE ->
                new RaftMessage.PreVote(
                        term,
                        wire.getPreVote().getLastIndex(),
                        wire.getPreVote().getLastTerm());
            case PRE_VOTE_REPLY ->
                new RaftMessage.PreVoteReply(term, wire.getPreVoteReply().getGranted());
            case VOTE ->
                new RaftMessage.Vote(
                        term,
                        wire.getVote().getLastIndex(),
                        wire.getVote().getLastTerm(),
                        wire.getVote().getTransfer());
            case TIMEOUT_NOW -> new RaftMessage.TimeoutNow(term);
            case VOTE_REPLY ->
                new RaftMessage.VoteReply(term, wire.getVoteReply().getGranted());
            case APPEND -> appendFromProto(term, wire.getAppend());
            case APPEND_REPLY -> {
                dev.henge.proto.AppendReply reply = wire.getAppendReply();
                yield new RaftMessage.AppendReply(
                        term,
                        reply.getAccepted(),
                        reply.getMatchIndex(),
                        reply.getHintIndex(),
                        reply.getHintTerm(),
                        reply.getCommitIndex(),
                        reply.getSession());
            }
            case HEARTBEAT ->
                new RaftMessage.Heartbeat(
                        term,
                        wire.getHeartbeat().getCommitIndex(),
                        wire.getHeartbeat().getRound(),
                        wire.getHeartbeat().getIncarnation());
            case HEARTBEAT_REPLY ->
                new RaftMessage.HeartbeatReply(
                        term,
                        wire.getHeartbeatReply().getRound(),
                        wire.getHeartbeatReply().getWantsSnapshot(),
                        wire.getHeartbeatReply().getCommitIndex(),
                        wire.getHeartbeatReply().getSession());
            case RELEASE -> new RaftMessage.Release(term);
            case SUPPORT,
                    NOT_MEMBER,
                    SNAPSHOT_OFFER,
                    SNAPSHOT_REQUEST,
                    SNAPSHOT_PIECE,
                    SNAPSHOT_REPLY,
                    SCRUB_REPORT,
                    SCRUB_VERDICT,
                    LOG_BASE,
                    LOG_BASE_REQUEST,
                    KIND_NOT_SET -> null;
        };
    }

    private static dev.henge.proto.Append.Builder appendToProto(RaftMessage.Append append) {
        dev.henge.proto.Append.Builder wire = dev.henge.proto.Append.newBuilder()
                .setPreviousIndex(append.previousIndex())
                .setPreviousTerm(append.previousTerm())
                .setCommitIndex(append.commitIndex())
                .setIncarnation(append.incarnation());
        List<LogEntry> entries = append.entries();
        for (int i = 0; i < entries.size(); i++) {
            LogEntry entry = entries.get(i);
            wire.addEntries(Entry.newBuilder().setTerm(entry.term()).setPayload(entry.payload()));
        }
        return wire;
    }

    private static RaftMessage.Append appendFromProto(long term, dev.henge.proto.Append wire) {
        long previousIndex = wire.getPreviousIndex();
        int count = wire.getEntriesCount();
        List<LogEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Entry entry = wire.getEntries(i);
            entries.add(new LogEntry(previousIndex + 1 + i, entry.getTerm(), entry.getPayload()));
        }
        return new RaftMessage.Append(
                term, previousIndex, wire.getPreviousTerm(), wire.getCommitIndex(), wire.getIncarnation(), entries);
    }
}
