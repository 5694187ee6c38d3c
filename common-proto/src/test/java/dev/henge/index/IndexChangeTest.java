package dev.henge.index;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.ItemCodec;
import dev.henge.item.KeyEncoding;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class IndexChangeTest {

    private static final ItemState NONE = new ItemState(null);

    private final IndexRecord byGame = IndexRecord.newBuilder()
            .setId(7)
            .setName("by-game")
            .setKind(IndexRecord.Kind.GLOBAL)
            .addPartitionKey(attribute("game", "S"))
            .addSortKey(attribute("points", "N"))
            .setProjection(IndexRecord.Projection.INCLUDE)
            .addIncluded("nickname")
            .build();

    private final IndexRecord byDay = IndexRecord.newBuilder()
            .setId(8)
            .setName("by-day")
            .setKind(IndexRecord.Kind.LOCAL)
            .addPartitionKey(attribute("player", "S"))
            .addSortKey(attribute("day", "S"))
            .setProjection(IndexRecord.Projection.ALL)
            .build();

    private final TableRecord scores = TableRecord.newBuilder()
            .setPartitionKey(attribute("player", "S"))
            .setSortKey(attribute("round", "N"))
            .addIndexes(byDay)
            .addIndexes(byGame)
            .build();

    private final IndexDefinition global = IndexDefinition.of(scores, byGame);
    private final IndexDefinition local = IndexDefinition.of(scores, byDay);

    @Test
    void anItemWithTheKeysOfAnIndexIsInIt() {
        ItemState item = item("player", "ann", "round", 3, "game", "go", "points", 12, "nickname", "a", "other", "x");

        IndexChange change = onlyChange(global, NONE, item);

        assertThat(change.removed()).isNull();
        IndexEntry entry = put(change);
        assertThat(entry.partitionKey()).isEqualTo(encoded(string("go")));
        assertThat(entry.rest()).isEqualTo(encoded(number(12), string("ann"), number(3)));
        assertThat(ItemCodec.decode(entry.item()))
                .containsOnlyKeys("player", "round", "game", "points", "nickname")
                .containsEntry("nickname", string("a"));
    }

    @Test
    void aLocalIndexHasItsTablesPartitionKeyAndTheWholeItem() {
        ItemState item = item("player", "ann", "round", 3, "day", "monday", "other", "x");

        IndexEntry entry = put(onlyChange(local, NONE, item));

        assertThat(entry.partitionKey()).isEqualTo(encoded(string("ann")));
        assertThat(entry.rest()).isEqualTo(encoded(string("monday"), number(3)));
        assertThat(entry.item()).isEqualTo(item.image());
    }

    @Test
    void anItemWithoutAKeyOfTheIndexIsNotInIt() {
        assertThat(changes(global, NONE, item("player", "ann", "round", 3, "game", "go")))
                .isEmpty();
        assertThat(changes(local, NONE, item("player", "ann", "round", 3))).isEmpty();
    }

    @Test
    void anItemWhoseKeyHasTheWrongTypeIsNotInTheIndexAndSaysWhy() {
        ItemState item = item("player", "ann", "round", 3, "game", "go", "points", "many");

        assertThat(changes(global, NONE, item)).isEmpty();
        assertThat(global.faultOf(item.attributes()))
                .contains(new IndexKeyFault.WrongType("by-game", "points", "N", "S"));
    }

    @Test
    void anEmptyKeyIsAFault() {
        assertThat(global.faultOf(Map.of("game", string(""), "points", number(1))))
                .contains(new IndexKeyFault.Empty("by-game", "game", false));
        assertThat(local.faultOf(Map.of("player", string("ann"), "day", new BinaryValue(ByteString.EMPTY))))
                .contains(new IndexKeyFault.WrongType("by-day", "day", "S", "B"));
    }

    @Test
    void aKeyThatIsTooLargeIsAFault() {
        assertThat(global.faultOf(Map.of("game", string("x".repeat(2048))))).isEmpty();
        assertThat(global.faultOf(Map.of("game", string("x".repeat(2049)))))
                .contains(new IndexKeyFault.TooLarge("by-game", true, 2048));
        assertThat(local.faultOf(Map.of("day", string("x".repeat(1024))))).isEmpty();
        assertThat(local.faultOf(Map.of("day", string("x".repeat(1025)))))
                .contains(new IndexKeyFault.TooLarge("by-day", false, 1024));
    }

    @Test
    void anEntryMovesWhenAKeyChanges() {
        ItemState before = item("player", "ann", "round", 3, "game", "go", "points", 12);
        ItemState after = item("player", "ann", "round", 3, "game", "go", "points", 13);

        IndexChange change = onlyChange(global, before, after);

        assertThat(change.removed()).isEqualTo(entry(before));
        assertThat(change.put()).isEqualTo(entry(after));
    }

    @Test
    void anEntryThatStaysWhereItIsIsNotRemoved() {
        ItemState before = item("player", "ann", "round", 3, "game", "go", "points", 12, "nickname", "a");
        ItemState after = item("player", "ann", "round", 3, "game", "go", "points", 12, "nickname", "b");

        IndexChange change = onlyChange(global, before, after);

        assertThat(change.removed()).isNull();
        assertThat(change.before()).isEqualTo(entry(before));
        assertThat(change.put()).isEqualTo(entry(after));
    }

    @Test
    void anEntryIsAsLargeAsTheItemThatItIs() {
        ItemState item = item("player", "ann", "round", 3, "game", "go", "points", 12, "nickname", "a", "other", "x");

        // Names and values of what the index projects; a number takes a byte for two digits, and one more.
        assertThat(entry(item).sizeBytes()).isEqualTo((6 + 3) + (5 + 2) + (4 + 2) + (6 + 2) + (8 + 1));
    }

    @Test
    void whatAnIndexDoesNotProjectChangesNothingInIt() {
        ItemState before = item("player", "ann", "round", 3, "game", "go", "points", 12, "other", "x");
        ItemState after = item("player", "ann", "round", 3, "game", "go", "points", 12, "other", "y");

        assertThat(changes(global, before, after)).isEmpty();
    }

    @Test
    void anEntryGoesWithItsItemOrWithAKey() {
        ItemState before = item("player", "ann", "round", 3, "game", "go", "points", 12);

        for (ItemState after : List.of(NONE, item("player", "ann", "round", 3, "game", "go"))) {
            IndexChange change = onlyChange(global, before, after);
            assertThat(change.removed()).isEqualTo(entry(before));
            assertThat(change.put()).isNull();
        }
    }

    @Test
    void anIndexThatIsBeingDeletedIsNoneAnyMore() {
        TableRecord deleting = scores.toBuilder()
                .setIndexes(1, byGame.toBuilder().setStatus(IndexRecord.Status.DELETING))
                .build();

        assertThat(IndexDefinition.allOf(deleting))
                .extracting(IndexDefinition::name)
                .containsExactly("by-day");
    }

    private IndexEntry entry(ItemState state) {
        return global.entryOf(state).orElseThrow();
    }

    private static IndexEntry put(IndexChange change) {
        return Objects.requireNonNull(change.put());
    }

    private static List<IndexChange> changes(IndexDefinition index, ItemState before, ItemState after) {
        return IndexChange.between(List.of(index), before, after);
    }

    private static IndexChange onlyChange(IndexDefinition index, ItemState before, ItemState after) {
        List<IndexChange> changes = changes(index, before, after);
        assertThat(changes).hasSize(1);
        return changes.getFirst();
    }

    private static ItemState item(Object... namesAndValues) {
        Map<String, AttributeValue> attributes = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            attributes.put(
                    (String) namesAndValues[i],
                    namesAndValues[i + 1] instanceof Integer value
                            ? number(value)
                            : string((String) namesAndValues[i + 1]));
        }
        return new ItemState(ItemCodec.encode(attributes));
    }

    private static AttributeValue string(String value) {
        return new StringValue(value);
    }

    private static AttributeValue number(int value) {
        return new NumberValue(DynamoNumber.parse(Integer.toString(value)));
    }

    private static byte[] encoded(AttributeValue... values) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        for (AttributeValue value : values) {
            KeyEncoding.encodeTo(value, encoded);
        }
        return encoded.toByteArray();
    }

    private static KeyAttribute attribute(String name, String type) {
        return KeyAttribute.newBuilder().setName(name).setType(type).build();
    }
}
