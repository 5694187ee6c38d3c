package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.node.catalog.CatalogState;
import dev.henge.node.partition.WriteEvaluator.Evaluation;
import dev.henge.node.partition.WriteJudge.BatchJudgement;
import dev.henge.node.partition.WriteJudge.Judgement;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.Command;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.ItemsWritten;
import dev.henge.proto.Refusal;
import dev.henge.proto.RememberedRequest;
import dev.henge.proto.TableDropped;
import dev.henge.proto.Unchanged;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What clients and the coordinator have a leader change, by requests that have an id: writes, catalog commands, drops of
 * tables. Each is carried out once, and answered when what the answer says is certain; the package's page says how. Belongs to
 * the replica's event loop, on a leader that serves.
 */
final class Writes {

    /** An answer that waits for the entry at an index to be applied. */
    private record Judged(long index, DataResponse.Builder answer, Responder responder) {}

    private final StateMachine machine;
    private final InFlight inFlight;
    private final WriteJudge writeJudge;
    private final PartitionClock clock;
    private final Proposals proposals;
    private final Confirmations confirmations;
    private final Deque<Judged> waitingForApply = new ArrayDeque<>();

    Writes(
            StateMachine machine,
            InFlight inFlight,
            WriteJudge writeJudge,
            PartitionClock clock,
            Proposals proposals,
            Confirmations confirmations) {
        this.machine = machine;
        this.inFlight = inFlight;
        this.writeJudge = writeJudge;
        this.clock = clock;
        this.proposals = proposals;
        this.confirmations = confirmations;
    }

    void writeItem(DataRequest request, Responder responder) {
        WriteItem write = request.getWriteItem();
        once(request, write.getRequestId(), () -> write(write, responder), responder);
    }

    void changeCatalog(DataRequest request, Responder responder) {
        CatalogCommand command = request.getCatalog();
        once(request, command.getRequestId(), () -> changeCatalog(command, responder), responder);
    }

    void dropTable(DataRequest request, Responder responder) {
        DropTable drop = request.getDropTable();
        once(request, drop.getRequestId(), () -> dropTable(drop, responder), responder);
    }

    /** Evaluates what has an id, by which a copy that comes again is known, and answered without that. */
    private void once(DataRequest request, ByteString requestId, Runnable evaluation, Responder responder) {
        if (answeredOrWaiting(requestId, responder)) {
            return;
        }
        if (request.getKnownTimeMillis() < machine.remembersSinceMillis()) {
            responder.respond(Refusals.of(Refusal.Code.REQUEST_TOO_OLD, "the request may have been forgotten")
                    .setPartitionTimeMillis(machine.applied().timestampMillis()));
            return;
        }
        evaluation.run();
    }

    /** Carries out writes that came as one request, or what was left out of them before. */
    void writeTogether(DataRequest request, Responder responder) {
        if (!goesOnWithRest(request, responder)) {
            WriteItems writes = request.getWriteItems();
            once(request, writes.getRequestId(), () -> write(writes, responder), responder);
        }
    }

    /**
     * Of writes that went together, some may have been left out when the rest was carried out, as their items were another
     * partition's, which is part of this one by now. Each of them is a request by itself then.
     *
     * @return whether there are any: who asked is answered then, or is going to be
     */
    private boolean goesOnWithRest(DataRequest request, Responder responder) {
        WriteItems writes = request.getWriteItems();
        ItemsWritten done = machine.remembered(writes.getRequestId())
                .map(RememberedRequest::getItemsWritten)
                .orElse(ItemsWritten.getDefaultInstance());
        Optional<LeftOutWrites> leftOut = LeftOutWrites.of(writes, done, machine.tokens());
        leftOut.ifPresent(rest -> {
            List<Responder> responders = rest.answerTogether(responder);
            for (int place = 0; place < responders.size(); place++) {
                writeTogether(
                        request.toBuilder()
                                .setWriteItems(rest.requests().get(place))
                                .build(),
                        responders.get(place));
            }
        });
        return leftOut.isPresent();
    }

    private void write(WriteItem write, Responder responder) {
        switch (writeJudge.judge(write)) {
            case Judgement.NotTaken notTaken -> responder.respond(Refusals.of(notTaken.refusal()));
            case Judgement.Evaluated(Evaluation.Accepted accepted, boolean byInFlight) ->
                proposals.append(
                        command(write.getRequestId())
                                .setMutation(accepted.mutation())
                                .setOutcome(accepted.outcome())
                                .build(),
                        responder);
            case Judgement.Evaluated(Evaluation.Unchanged unchanged, boolean byInFlight) -> {
                if (write.getRepeated()) {
                    proposals.append(
                            command(write.getRequestId())
                                    .setUnchanged(Unchanged.getDefaultInstance())
                                    .setOutcome(unchanged.outcome())
                                    .build(),
                            responder);
                } else {
                    answerWhenCertain(
                            DataResponse.newBuilder().setItemWritten(unchanged.outcome()), byInFlight, responder);
                }
            }
            case Judgement.Evaluated(Evaluation.Refused refused, boolean byInFlight) -> {
                if (write.getRepeated()) {
                    proposals.append(
                            command(write.getRequestId())
                                    .setRefusal(refused.refusal())
                                    .build(),
                            responder);
                } else {
                    answerWhenCertain(Refusals.of(refused.refusal()), byInFlight, responder);
                }
            }
        }
    }

    private void write(WriteItems request, Responder responder) {
        switch (writeJudge.judge(request)) {
            case BatchJudgement.NotTaken notTaken -> responder.respond(Refusals.of(notTaken.refusal()));
            case BatchJudgement.Evaluated evaluated -> {
                // Where some are left out the request comes again for those, maybe to a partition that has become one
                // with this.
                if (evaluated.changesSomething() || evaluated.leavesOut() || request.getRepeated()) {
                    proposals.append(
                            command(request.getRequestId())
                                    .setMutations(evaluated.mutations())
                                    .build(),
                            responder);
                } else {
                    answerWhenCertain(
                            DataResponse.newBuilder().setItemsWritten(StateMachine.outcomes(evaluated.mutations())),
                            evaluated.byInFlight(),
                            responder);
                }
            }
        }
    }

    /**
     * Gives an answer that tells what the state is, but leaves no entry in the log.
     *
     * @param judgedByInFlight the state was that behind entries in flight: they must be applied first
     */
    private void answerWhenCertain(DataResponse.Builder answer, boolean judgedByInFlight, Responder responder) {
        if (judgedByInFlight) {
            waitingForApply.addLast(new Judged(inFlight.lastIndexOr(0), answer, responder));
            return;
        }
        confirmations.confirmLeadership(() -> responder.respond(answer), responder);
    }

    private void changeCatalog(CatalogCommand command, Responder responder) {
        CatalogState.Transition transition =
                inFlight.catalog().orElse(machine.catalog()).apply(command);
        if (transition.accepted()) {
            if (proposals.append(
                    command(command.getRequestId()).setCatalog(command).build(), responder)) {
                inFlight.catalog(transition.next());
            }
            return;
        }
        CatalogOutcome outcome = transition.outcome();
        answerWhenCertain(
                DataResponse.newBuilder().setCatalog(outcome),
                inFlight.catalog().isPresent(),
                responder);
    }

    private void dropTable(DropTable drop, Responder responder) {
        if (machine.isDropped(drop.getTable())) {
            DataResponse.Builder answer = DataResponse.newBuilder().setTableDropped(TableDropped.getDefaultInstance());
            confirmations.confirmLeadership(() -> responder.respond(answer), responder);
            return;
        }
        proposals.append(command(drop.getRequestId()).setDropTable(drop).build(), responder);
    }

    /** A request that was applied is answered again; one that is in flight is waited for. */
    private boolean answeredOrWaiting(ByteString requestId, Responder responder) {
        Optional<RememberedRequest> remembered = machine.remembered(requestId);
        if (remembered.isPresent()) {
            responder.respond(answer(remembered.get()));
            return true;
        }
        Optional<InFlight.Entry> pending = inFlight.ofRequest(requestId);
        pending.ifPresent(entry -> entry.waiting.add(responder));
        return pending.isPresent();
    }

    private Command.Builder command(ByteString requestId) {
        return Command.newBuilder().setRequestId(requestId).setTimestampMillis(clock.nowMillis());
    }

    /** Something was applied: answers what waited for it. */
    void onApplied() {
        while (!waitingForApply.isEmpty()
                && waitingForApply.getFirst().index() <= machine.applied().index()) {
            Judged judged = waitingForApply.removeFirst();
            judged.responder().respond(judged.answer());
        }
    }

    /** The request's entry is applied, and its outcome remembered: tells who waits for it. */
    void complete(InFlight.Entry own) {
        RememberedRequest outcome = machine.remembered(own.command.getRequestId())
                .orElseThrow(() -> new IllegalStateException("an applied request is remembered"));
        own.waiting.forEach(responder -> responder.respond(answer(outcome)));
    }

    /**
     * Leadership is lost: what was judged may never have been.
     *
     * @param leader the next one, null while unknown
     */
    void abandon(@Nullable String leader) {
        List<Judged> judged = List.copyOf(waitingForApply);
        waitingForApply.clear();
        judged.forEach(waiting -> waiting.responder().respond(Refusals.notLeader(leader)));
    }

    private DataResponse.Builder answer(RememberedRequest request) {
        DataResponse.Builder response = DataResponse.newBuilder()
                .setPartitionTimeMillis(machine.applied().timestampMillis());
        return switch (request.getOutcomeCase()) {
            case ITEM_WRITTEN -> response.setItemWritten(request.getItemWritten());
            case CATALOG -> response.setCatalog(request.getCatalog());
            case TABLE_DROPPED -> response.setTableDropped(TableDropped.getDefaultInstance());
            case REFUSAL -> response.setRefusal(request.getRefusal());
            case ITEMS_WRITTEN -> response.setItemsWritten(request.getItemsWritten());
            case OUTCOME_NOT_SET -> response.setItemWritten(ItemWritten.getDefaultInstance());
        };
    }
}
