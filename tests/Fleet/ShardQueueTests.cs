using Codomyrmex.Networking.Fleet.Internal.Campaigns;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Who has which shard.</summary>
public sealed class ShardQueueTests
{
    [Fact]
    public void Shards_are_given_once_in_the_order_of_the_seed_and_again_when_they_come_back()
    {
        var queue = new ShardQueue(20, new byte[3], [], seed: 5);
        var order = Enumerable.Range(0, 20).Select(_ => queue.Take("a")!.Value).ToList();
        Assert.Equal(Enumerable.Range(0, 20), order.Order());
        Assert.NotEqual(Enumerable.Range(0, 20), order);
        Assert.Null(queue.Take("b"));
        Assert.True(queue.Finish(order[0]));
        Assert.False(queue.Finish(order[0]));
        queue.Return("a");
        Assert.Equal(order.Skip(1).Order(), Enumerable.Range(0, 19).Select(_ => queue.Take("b")!.Value).Order());
        Assert.Equal(19, queue.Left);
    }

    [Fact]
    public void Shard_of_which_the_plan_asks_nothing_more_is_set_aside_until_there_is_another_plan()
    {
        var queue = new ShardQueue(3, new byte[1], [], seed: 5);
        var all = Enumerable.Range(0, 3).Select(_ => queue.Take("a")!.Value).ToArray();
        queue.SetAside(all[0]);
        queue.SetAside(all[0]);
        Assert.Equal((2, 2), (queue.Left, queue.Owners.Count));
        Assert.Null(queue.Take("b"));
        queue.Finish(all[1]);
        queue.Reopen();
        Assert.Equal(2, queue.Left);
        // Whoever has a shard keeps it: no host is in two hands.
        Assert.Equal((all[0], null), (queue.Take("b"), queue.Take("b")));
        queue.SetAside(all[0]);
        queue.Finish(all[0]);
        queue.Finish(all[2]);
        Assert.Equal(0, queue.Left);
    }

    [Fact]
    public void What_is_done_is_not_given_again_by_whoever_reads_it_later()
    {
        var done = new byte[3];
        var queue = new ShardQueue(20, done, [], seed: 5);
        for (var i = 0; i < 15; i++)
            queue.Finish(queue.Take("a")!.Value);
        var later = new ShardQueue(20, done, [], seed: 5);
        Assert.Equal(5, later.Left);
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => later.Take("b") is not null));
    }
}
