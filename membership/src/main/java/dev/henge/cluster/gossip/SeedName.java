package dev.henge.cluster.gossip;

/**
 * Where other members may be found.
 *
 * @param host a name, which may stand for several addresses, or an IP address
 * @param port in 1..65535
 */
public record SeedName(String host, int port) {

    public SeedName {
        if (host.isBlank()) {
            throw new IllegalArgumentException("a seed needs a host name");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a seed's port must be in 1..65535, not " + port);
        }
    }

    /**
     * Reads {@code host}, {@code host:port}, or {@code [IPv6 address]:port}.
     *
     * @param defaultPort when none is named
     */
    public static SeedName parse(String text, int defaultPort) {
        int bracket = text.lastIndexOf(']');
        int colon = text.lastIndexOf(':');
        boolean bareIpv6 = bracket < 0 && text.indexOf(':') != colon;
        if (colon <= bracket || bareIpv6) {
            return new SeedName(withoutBrackets(text), defaultPort);
        }
        try {
            return new SeedName(withoutBrackets(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a seed must be host or host:port, not \"" + text + "\"", e);
        }
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
