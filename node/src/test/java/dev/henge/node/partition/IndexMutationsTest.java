package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.index.IndexDefinition;
import dev.henge.index.ItemState;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.IndexMutation;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An index's mutation tells what the item's entry weighed before and what it weighs now. */
final class IndexMutationsTest {

    private static final ItemState NO_ITEM = new ItemState(null);

    private static final TableRecord TABLE = TableRecord.newBuilder()
            .setPartitionKey(attribute("player"))
            .setSortKey(attribute("game"))
            .addIndexes(IndexRecord.newBuilder()
                    .setId(8)
                    .setName("by-day")
                    .setKind(IndexRecord.Kind.LOCAL)
                    .addPartitionKey(attribute("player"))
                    .addSortKey(attribute("day"))
                    .setProjection(IndexRecord.Projection.INCLUDE)
                    .addIncluded("note"))
            .build();

    private static final int KEY_NAMES_BYTES = "player".length() + "game".length() + "day".length();
    private static final int NOTE_BYTES = "note".length();

    @Test
    void anEntryThatComesHasNoSizeBefore() {
        IndexMutation mutation = onlyMutation(NO_ITEM, item("day", "mon", "other", "not projected"));

        assertThat(mutation.getRemovedKey()).isEqualTo(ByteString.EMPTY);
        assertThat(mutation.getRemovedBytes()).isZero();
        assertThat(mutation.getPutBytes()).isEqualTo(KEY_NAMES_BYTES + "anngomon".length());
    }

    @Test
    void anEntryThatGoesHasNoSizeNow() {
        IndexMutation mutation = onlyMutation(item("day", "mon", "note", "1234"), item("note", "1234"));

        assertThat(mutation.getPutKey()).isEqualTo(ByteString.EMPTY);
        assertThat(mutation.getRemovedBytes()).isEqualTo(KEY_NAMES_BYTES + "anngomon".length() + NOTE_BYTES + 4);
        assertThat(mutation.getPutBytes()).isZero();
    }

    @Test
    void anEntryThatIsReplacedWhereItStandsHasBothSizes() {
        IndexMutation mutation = onlyMutation(item("day", "mon", "note", "1234"), item("day", "mon", "note", "12"));

        assertThat(mutation.getRemovedKey()).isEqualTo(ByteString.EMPTY);
        assertThat(mutation.getRemovedBytes() - mutation.getPutBytes()).isEqualTo(2);
    }

    @Test
    void anEntryThatMovesHasBothSizes() {
        IndexMutation mutation = onlyMutation(item("day", "mon"), item("day", "tuesday"));

        assertThat(mutation.getRemovedKey()).isNotEqualTo(ByteString.EMPTY);
        assertThat(mutation.getPutBytes() - mutation.getRemovedBytes()).isEqualTo(4);
    }

    private static IndexMutation onlyMutation(ItemState before, ItemState after) {
        List<IndexMutation> mutations = IndexMutations.of(IndexDefinition.allOf(TABLE), 1, before, after);
        assertThat(mutations).hasSize(1);
        return mutations.getFirst();
    }

    /** Ann's item of go, with these attributes besides. */
    private static ItemState item(String... namesAndValues) {
        Map<String, AttributeValue> item = new LinkedHashMap<>();
        item.put("player", new StringValue("ann"));
        item.put("game", new StringValue("go"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            item.put(namesAndValues[i], new StringValue(namesAndValues[i + 1]));
        }
        return new ItemState(ItemCodec.encode(item));
    }

    private static KeyAttribute attribute(String name) {
        return KeyAttribute.newBuilder().setName(name).setType("S").build();
    }
}
