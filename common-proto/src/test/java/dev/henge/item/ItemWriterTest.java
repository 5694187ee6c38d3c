package dev.henge.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

final class ItemWriterTest {

    private final ItemWriter writer = new ItemWriter();

    @Test
    void refusesANameTwiceInOneItem() {
        writer.beginItem().name("a").bool(true);
        assertDuplicate(() -> writer.name("a"), false);
    }

    @Test
    void refusesANameTwiceInOneMapOnly() {
        writer.beginItem().name("a").beginMap().name("a").bool(true).name("b").beginMap();
        writer.name("a").bool(true).endMap();
        assertDuplicate(() -> writer.name("b"), false);
    }

    @Test
    void keepsNamesApartInSiblingMaps() {
        writer.beginList();
        for (int index = 0; index < 1000; index++) {
            writer.beginMap()
                    .name("a")
                    .string("x".repeat(index))
                    .name("b")
                    .nullValue()
                    .endMap();
        }
        writer.endList();
        assertThat(ItemCodec.decodeValue(writer.toByteArray()).typeCode()).isEqualTo("L");
    }

    @Test
    void findsADuplicateAmongManyNamesAfterMapsThatMoved() {
        writer.beginItem();
        for (int index = 0; index < 1000; index++) {
            writer.name("n" + index)
                    .beginMap()
                    .name("x")
                    .string("y".repeat(200))
                    .endMap();
        }
        assertDuplicate(() -> writer.name("n137"), false);
    }

    @Test
    void refusesAnElementTwiceInASet() {
        writer.beginStringSet().string("a").string("b");
        assertDuplicate(() -> writer.string("a"), true);
        writer.reset().beginNumberSet().number("1");
        assertDuplicate(() -> writer.number("1.00"), true);
        writer.reset().beginBinarySet().binary(new byte[] {1}, 0, 1);
        assertDuplicate(() -> writer.binary(new byte[] {1}, 0, 1), true);
    }

    private static void assertDuplicate(Runnable action, boolean inSet) {
        assertThatThrownBy(action::run)
                .asInstanceOf(InstanceOfAssertFactories.type(DuplicateEntryException.class))
                .returns(inSet, DuplicateEntryException::inSet);
    }

    @Test
    void writesTheSameAfterReset() {
        byte[] first = writer.beginItem().name("a").number("1").toByteArray();
        byte[] second = writer.reset().beginItem().name("a").number("1").toByteArray();
        assertThat(second).isEqualTo(first);
    }

    @Test
    void refusesCallsOutOfOrder() {
        assertRefused(() -> new ItemWriter().name("a"));
        assertRefused(() -> new ItemWriter().beginItem().string("a"));
        assertRefused(() -> new ItemWriter().beginItem().name("a").name("b"));
        assertRefused(() -> new ItemWriter().beginItem().beginItem());
        assertRefused(() -> new ItemWriter().bool(true).bool(true));
        assertRefused(() -> new ItemWriter().bool(true).beginItem());
        assertRefused(() -> new ItemWriter().beginList().name("a"));
        assertRefused(() -> new ItemWriter().beginList().endMap());
        assertRefused(() -> new ItemWriter().beginList().endSet());
        assertRefused(() -> new ItemWriter().endList());
        assertRefused(() -> new ItemWriter().beginMap().name("a").endMap());
        assertRefused(() -> new ItemWriter().beginStringSet().number("1"));
        assertRefused(() -> new ItemWriter().beginStringSet().bool(true));
        assertRefused(() -> new ItemWriter().beginStringSet().beginList());
        assertRefused(() -> new ItemWriter().toByteArray());
        assertRefused(() -> new ItemWriter().beginList().toByteArray());
        assertRefused(() -> new ItemWriter().beginItem().name("a").toByteArray());
    }

    private static void assertRefused(Runnable action) {
        assertThatThrownBy(action::run).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void takesValuesInTheBinaryForm() {
        byte[] value = new ItemWriter().number("5").toByteArray();
        byte[] item = writer.beginItem()
                .name("a")
                .encodedValue(value, 0, value.length)
                .toByteArray();
        assertThat(ItemCodec.attribute(item, "a")).hasToString("NumberValue[value=5]");
    }
}
