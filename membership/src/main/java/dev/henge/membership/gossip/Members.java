package dev.henge.membership.gossip;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** All members as one of them sees them at a moment, itself included. Immutable. */
public final class Members {

    private final Member self;
    private final Map<UUID, Member> members;

    /** @param members in the order in which they are to be listed; itself included */
    Members(Member self, Map<UUID, Member> members) {
        this.self = self;
        this.members = members;
    }

    public Member self() {
        return self;
    }

    /** All that are known, also those that are dead or left and are not forgotten yet; in the order of their ids. */
    public Collection<Member> all() {
        return members.values();
    }

    /** Those that are thought to be there, suspected ones included. */
    public List<Member> present() {
        return members.values().stream()
                .filter(member -> member.status().isPresent())
                .toList();
    }

    /** Those with a role that are thought to be there, suspected ones included. */
    public List<Member> present(MemberRole role) {
        return members.values().stream()
                .filter(member ->
                        member.status().isPresent() && member.profile().role() == role)
                .toList();
    }

    public Optional<Member> find(UUID id) {
        return Optional.ofNullable(members.get(id));
    }
}
