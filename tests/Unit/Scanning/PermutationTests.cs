using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, rows 11 and 12: a random order in constant memory, by a seed, in shards.</summary>
public class PermutationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(65535)]
    [InlineData(100_003)]
    public void Every_number_comes_once(int count)
    {
        foreach (var seed in (ulong[])[0, 1, ulong.MaxValue])
        {
            var order = new Permutation((ulong)count, seed);
            var seen = new bool[count];
            for (var place = 0; place < count; place++)
            {
                var number = order[(ulong)place];
                Assert.False(seen[number]);
                seen[number] = true;
                Assert.Equal((ulong)place, order.PlaceOf(number));
            }
            Assert.DoesNotContain(false, seen);
        }
    }

    [Fact]
    public void Large_counts_go_there_and_back()
    {
        var random = new Random(3);
        foreach (var count in (ulong[])[(1UL << 40) + 1, (1UL << 41) - 1, 16_777_216UL * 131_070, 1UL << 62])
        {
            var order = new Permutation(count, 42);
            for (var i = 0; i < 1000; i++)
            {
                var place = (ulong)random.NextInt64(long.MaxValue) % count;
                var number = order[place];
                Assert.True(number < count);
                Assert.Equal(place, order.PlaceOf(number));
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new Permutation(10, 0)[10]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Permutation(0, 0)[0]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_order_and_another_one_another()
    {
        ulong[] Order(ulong seed) => [.. Enumerable.Range(0, 1000).Select(place => new Permutation(1000, seed)[(ulong)place])];
        Assert.Equal(Order(7), Order(7));
        var same = Order(7).Zip(Order(8)).Count(pair => pair.First == pair.Second);
        Assert.InRange(same, 0, 10);
        // Neighbours do not stay neighbours: that is what the order is for.
        Assert.InRange(Order(7).Zip(Order(7).Skip(1)).Count(pair => Math.Abs((long)pair.First - (long)pair.Second) < 10), 0, 60);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(10_000)]
    public void Shards_together_are_the_whole_and_share_nothing(int count)
    {
        const ulong Probes = 1003;
        var places = Enumerable.Range(1, count).Select(index => new ScanShard(index, count))
            .SelectMany(shard => Enumerable.Range(0, (int)shard.LengthOf(Probes)).Select(own => shard.PlaceOf((ulong)own)));
        Assert.Equal(Enumerable.Range(0, (int)Probes).Select(place => (ulong)place), places.Order());
        Assert.Equal(0UL, new ScanShard(1, count).LengthOf(0));
    }

    [Fact]
    public void Shard_is_written_as_the_second_of_five()
    {
        Assert.Equal(new ScanShard(2, 5), ScanShard.Parse("2/5"));
        Assert.Equal(("2/5", "1/1", true), (new ScanShard(2, 5).ToString(), default(ScanShard).ToString(), default(ScanShard).IsWhole));
        Assert.All((string[])["", "0/5", "6/5", "1/0", "1/10001", "-1/5", "1", "1/2/3", "a/b"], text => Assert.Throws<FormatException>(() => ScanShard.Parse(text)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScanShard(6, 5));
    }
}
