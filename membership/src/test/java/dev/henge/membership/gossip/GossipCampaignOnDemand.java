package dev.henge.membership.gossip;

import org.junit.jupiter.api.Test;

/** {@link GossipCampaign} for those who ask for it by name; its name keeps it out of every build. */
class GossipCampaignOnDemand {

    @Test
    void printsTheFigures() {
        GossipCampaign.main(new String[] {
            System.getProperty("henge.gossip.runs", "20"),
            System.getProperty("henge.gossip.minutes", "3"),
            System.getProperty("henge.gossip.seed", "1")
        });
    }
}
