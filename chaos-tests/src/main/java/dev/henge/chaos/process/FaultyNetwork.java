package dev.henge.chaos.process;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A network in which each host has a namespace and an interface on one bridge. The harness itself is on the bridge as
 * well and always reaches every host.
 *
 * <p>A cut is a wrong neighbour (ARP) entry at the sender: its packets go to a hardware address that nobody has and are
 * lost without a word, in that direction and to that host alone. Connections stay open, as with a broken switch.
 */
final class FaultyNetwork {

    private static final String PREFIX = "10.77.0.";
    private static final String NOBODY = "02:00:00:00:ff:ff";
    private static final String NAMESPACES = "/run/netns/";

    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    /** Makes the bridge. Only in a sandbox: it takes /run and the addresses 10.77.0.0/24 for itself. */
    FaultyNetwork() {
        if (!Sandbox.isInside()) {
            throw new IllegalStateException("a network of one's own needs the sandbox");
        }
        Sandbox.command("mount", "-t", "tmpfs", "none", "/run");
        Sandbox.command("mkdir", "-p", "/run/netns");
        Sandbox.command("ip", "link", "set", "lo", "up");
        Sandbox.command("ip", "link", "add", "bridge0", "type", "bridge");
        Sandbox.command("ip", "addr", "add", PREFIX + "254/24", "dev", "bridge0");
        Sandbox.command("ip", "link", "set", "bridge0", "up");
    }

    /** Adds a host; at most 99. */
    void addHost(String name) {
        int number = numbers.size() + 1;
        Sandbox.command("ip", "netns", "add", name);
        Sandbox.command(
                "ip",
                "link",
                "add",
                "port" + number,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                name,
                "address",
                hardwareAddress(number));
        Sandbox.command("ip", "link", "set", "port" + number, "master", "bridge0", "up");
        inHost(name, "ip", "link", "set", "lo", "up");
        inHost(name, "ip", "addr", "add", PREFIX + number + "/24", "dev", "eth0");
        inHost(name, "ip", "link", "set", "eth0", "up");
        numbers.put(name, number);
    }

    /** IP address of a host. */
    String address(String host) {
        return PREFIX + number(host);
    }

    /** What a command line must begin with to run in a host's network. */
    String[] enter(String host) {
        return new String[] {"nsenter", "--net=" + NAMESPACES + host};
    }

    /** From now on what {@code from} sends to {@code to} is lost. */
    void cut(String from, String to) {
        neighbour(from, to, NOBODY);
    }

    /** Ends a cut in this direction, if there is one. */
    void heal(String from, String to) {
        neighbour(from, to, hardwareAddress(number(to)));
    }

    void cutBothWays(String one, String other) {
        cut(one, other);
        cut(other, one);
    }

    /** Ends all cuts. */
    void healAll() {
        for (String from : numbers.keySet()) {
            for (String to : numbers.keySet()) {
                if (!from.equals(to)) {
                    heal(from, to);
                }
            }
        }
    }

    private void neighbour(String from, String to, String hardwareAddress) {
        inHost(
                from,
                "ip",
                "neigh",
                "replace",
                address(to),
                "lladdr",
                hardwareAddress,
                "dev",
                "eth0",
                "nud",
                "permanent");
    }

    private void inHost(String host, String... command) {
        String[] enter = enter(host);
        String[] whole = new String[enter.length + command.length];
        System.arraycopy(enter, 0, whole, 0, enter.length);
        System.arraycopy(command, 0, whole, enter.length, command.length);
        Sandbox.command(whole);
    }

    private int number(String host) {
        Integer number = numbers.get(host);
        if (number == null) {
            throw new IllegalArgumentException("no host " + host + " among " + numbers.keySet());
        }
        return number;
    }

    private static String hardwareAddress(int number) {
        return String.format("02:00:00:00:00:%02x", number);
    }
}
