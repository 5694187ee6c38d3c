package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.index.IndexDefinition;
import dev.henge.membership.Tokens;
import dev.henge.node.partition.WriteEvaluator.Evaluation;
import dev.henge.proto.DataResponse;
import dev.henge.proto.ItemMutation;
import dev.henge.proto.ItemMutations;
import dev.henge.proto.Refusal;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a leader makes of a write: judges it by the item as the writes in flight will leave it. Belongs to the event loop. */
final class WriteJudge {

    /** What is to become of a write. */
    sealed interface Judgement {

        /** @param byInFlight the item is as entries in flight leave it: they must be applied before a refusal is certain */
        record Evaluated(Evaluation evaluation, boolean byInFlight) implements Judgement {}

        /** Not even looked at; nothing is done, and the answer is final. */
        record NotTaken(Refusal refusal) implements Judgement {}
    }

    /** What is to become of the writes of one request. */
    sealed interface BatchJudgement {

        /**
         * @param mutations what each comes to, in order
         * @param changesSomething at least one is made
         * @param leavesOut at least one is another partition's
         * @param byInFlight as of {@link Judgement.Evaluated}, of any
         */
        record Evaluated(ItemMutations mutations, boolean changesSomething, boolean leavesOut, boolean byInFlight)
                implements BatchJudgement {}

        /** Not even looked at; nothing is done, and the answer is final. */
        record NotTaken(Refusal refusal) implements BatchJudgement {}
    }

    private record ItemName(long table, ByteString key) {}

    private final int partition;
    private final StateMachine machine;
    private final InFlight inFlight;
    private final IndexKeeper indexKeeper;
    private final CollectionSizes collectionSizes;

    WriteJudge(
            int partition,
            StateMachine machine,
            InFlight inFlight,
            IndexKeeper indexKeeper,
            CollectionSizes collectionSizes) {
        this.partition = partition;
        this.machine = machine;
        this.inFlight = inFlight;
        this.indexKeeper = indexKeeper;
        this.collectionSizes = collectionSizes;
    }

    Judgement judge(WriteItem write) {
        if (!machine.tokens().contains(Tokens.ofItemKey(write.getKey().toByteArray()))) {
            return notTaken(Refusals.of(Refusal.Code.STALE_EPOCH, "the key belongs to another partition"));
        }
        if (machine.isDropped(write.getTable())) {
            return notTaken(Refusals.of(Refusal.Code.TABLE_DROPPED, "the table was deleted"));
        }
        Optional<List<IndexDefinition>> indexes =
                indexKeeper.indexesOf(write.getTable(), write.getTableEpoch(), write.getTableRecord());
        if (indexes.isEmpty()) {
            return notTaken(Refusals.catalogBehind());
        }
        Optional<InFlight.Image> pending = inFlight.image(write.getTable(), write.getKey());
        byte @Nullable [] old = pending.isPresent()
                ? pending.get().image()
                : machine.item(write.getTable(), write.getKey().toByteArray());
        Evaluation evaluation = WriteEvaluator.evaluate(write, old, indexes.get());
        evaluation = collectionSizes.judge(write, indexes.get(), evaluation);
        if (evaluation instanceof Evaluation.Accepted accepted
                && indexKeeper.behind()
                && hasGlobalChanges(accepted.mutation())) {
            return notTaken(IndexKeeper.tooFarBehind(partition));
        }
        return new Judgement.Evaluated(evaluation, pending.isPresent());
    }

    /** The partition has another range. */
    void forgetSizes() {
        collectionSizes.forget();
    }

    /**
     * Judges each of the writes by itself; a sender that is wrong about one is wrong about all. Those of items that are not the
     * partition's are left out.
     */
    BatchJudgement judge(WriteItems request) {
        ItemMutations.Builder mutations = ItemMutations.newBuilder();
        Set<ItemName> written = new HashSet<>();
        boolean changesSomething = false;
        boolean byInFlight = false;
        boolean anyIsOwn = false;
        boolean leavesOut = false;
        for (WriteItem write : request.getWritesList()) {
            if (!written.add(new ItemName(write.getTable(), write.getKey()))) {
                return new BatchJudgement.NotTaken(Refusals.of(Refusal.Code.INTERNAL, "a request writes an item once")
                        .getRefusal());
            }
            ItemMutations.Write.Builder one = mutations.addWritesBuilder();
            if (!machine.tokens().contains(Tokens.ofItemKey(write.getKey().toByteArray()))) {
                leavesOut = true;
                continue;
            }
            anyIsOwn = true;
            switch (judge(write)) {
                case Judgement.NotTaken(Refusal refusal) -> {
                    if (concernsSender(refusal)) {
                        return new BatchJudgement.NotTaken(refusal);
                    }
                    one.getOutcomeBuilder().setRefusal(refusal);
                }
                case Judgement.Evaluated(Evaluation evaluation, boolean ofInFlight) -> {
                    byInFlight |= ofInFlight;
                    switch (evaluation) {
                        case Evaluation.Accepted accepted -> {
                            changesSomething = true;
                            one.setMutation(accepted.mutation())
                                    .getOutcomeBuilder()
                                    .setWritten(accepted.outcome());
                        }
                        case Evaluation.Unchanged unchanged ->
                            one.getOutcomeBuilder().setWritten(unchanged.outcome());
                        case Evaluation.Refused refused ->
                            one.getOutcomeBuilder().setRefusal(refused.refusal());
                    }
                }
            }
        }
        if (!anyIsOwn) {
            return new BatchJudgement.NotTaken(
                    Refusals.of(Refusal.Code.STALE_EPOCH, "the keys belong to another partition")
                            .getRefusal());
        }
        return new BatchJudgement.Evaluated(mutations.build(), changesSomething, leavesOut, byInFlight);
    }

    /** It knows an older or a newer cluster than this node does, and asks again when that is mended. */
    private static boolean concernsSender(Refusal refusal) {
        return refusal.getCode() == Refusal.Code.STALE_EPOCH || refusal.getCode() == Refusal.Code.CATALOG_BEHIND;
    }

    private static Judgement notTaken(DataResponse.Builder refusal) {
        return new Judgement.NotTaken(refusal.getRefusal());
    }

    private static boolean hasGlobalChanges(ItemMutation mutation) {
        return mutation.getIndexesList().stream().anyMatch(change -> !change.getLocal());
    }
}
