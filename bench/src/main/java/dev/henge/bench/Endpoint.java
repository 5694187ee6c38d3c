package dev.henge.bench;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * A server under load, and the table of it that is.
 *
 * @param name what the report calls it
 * @param host host name or address
 * @param port TCP port
 * @param serverPids the processes whose CPU time is counted; empty when none are given
 */
record Endpoint(String name, String host, int port, List<Long> serverPids, Table table) {
    private static final int HTTP_PORT = 80;

    Endpoint {
        serverPids = List.copyOf(serverPids);
    }

    Endpoint(String name, String host, int port, List<Long> serverPids) {
        this(name, host, port, serverPids, Table.PLAIN);
    }

    /** Another table of the same server, which the report calls by both names. */
    Endpoint with(Table other) {
        return new Endpoint(name + "/" + other.label(), host, port, serverPids, other);
    }

    /** The Host header, with the port unless it is HTTP's own. */
    String hostHeader() {
        return port == HTTP_PORT ? host : host + ":" + port;
    }

    /**
     * Reads {@code NAME=URL} or {@code NAME=URL;PID,PID}.
     *
     * @throws IllegalArgumentException with a sentence for the user when it is neither
     */
    static Endpoint parseNamed(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0 || equals > urlStart(text)) {
            throw new IllegalArgumentException("'" + text + "' is not NAME=URL or NAME=URL;PID,PID");
        }
        String rest = text.substring(equals + 1);
        int semicolon = rest.indexOf(';');
        String url = semicolon < 0 ? rest : rest.substring(0, semicolon);
        return parse(text.substring(0, equals), url, semicolon < 0 ? "" : rest.substring(semicolon + 1));
    }

    /**
     * Makes an endpoint.
     *
     * @param name what the report calls it
     * @param url {@code http://host:port}
     * @param pids process ids with commas between them, or nothing
     * @throws IllegalArgumentException with a sentence for the user when the URL or a process id can't be used
     */
    static Endpoint parse(String name, String url, String pids) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + url + "' is not a URL: " + e.getMessage(), e);
        }
        if (!"http".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("'" + url + "' is not a URL of the form http://host:port");
        }
        return new Endpoint(name, uri.getHost(), uri.getPort() < 0 ? HTTP_PORT : uri.getPort(), parsePids(pids));
    }

    private static List<Long> parsePids(String text) {
        List<Long> pids = new ArrayList<>();
        if (text.isBlank()) {
            return pids;
        }
        for (String part : text.split(",", -1)) {
            try {
                pids.add(Long.parseLong(part.strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'" + part + "' is not a process id", e);
            }
        }
        return pids;
    }

    private static int urlStart(String text) {
        int start = text.indexOf("://");
        return start < 0 ? text.length() : start;
    }
}
