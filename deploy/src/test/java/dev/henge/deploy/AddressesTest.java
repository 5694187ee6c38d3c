package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    @Test
    void anAddressIsAHostAndAPort() {
        assertThat(HostPort.parse("db-1.example:7001")).isEqualTo(new HostPort("db-1.example", 7001));
        assertThat(HostPort.parse("[::1]:0")).isEqualTo(new HostPort("::1", 0)).hasToString("[::1]:0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", ":1", "host:", "host:x", "host:65536", "host:-1", "::1:7001", "[]:1", "h:000001"})
    void anythingElseIsNot(String text) {
        assertThatThrownBy(() -> HostPort.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not an address of the form host:port");
    }

    @Test
    void theNodesKeepTheirOrder() {
        String text = "n2=b:2,n1=a:1";

        ClusterNodes nodes = ClusterNodes.parse(text);

        assertThat(nodes.addresses().keySet()).containsExactly("n2", "n1");
        assertThat(nodes.addressTexts()).containsExactly("b:2", "a:1");
        assertThat(nodes).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "n1=a:1,n1=b:2 | the node n1 is given twice",
                "n1=a:1,n2=a:1 | the address a:1 is given twice",
                "a:1           | 'a:1' is not of the form name=host:port",
                "n1=a:1,       | '' is not of the form name=host:port",
                "N_1=a:1       | 'N_1' is not a node name; use up to 63 small letters, digits and inner hyphens",
                "n1=a          | 'a' is not an address of the form host:port",
            })
    void wrongNodesAreRefused(String text, String message) {
        assertThatThrownBy(() -> ClusterNodes.parse(text)).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "128MB,134217728", "128mib,134217728", "2k,2048", "1G,1073741824"})
    void sizesArePowersOf1024(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5G", "12 parsecs", "999999999999G"})
    void otherSizesAreRefused(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
