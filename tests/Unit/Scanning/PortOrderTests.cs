using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, row 12: the order of ports.</summary>
public class PortOrderTests
{
    [Theory]
    [InlineData("1-65535")]
    [InlineData("1-1000")]
    [InlineData("9,443,80")]
    [InlineData("60000")]
    public void Every_port_comes_once_and_those_that_answer_most_often_come_first(string ports)
    {
        var list = PortSet.Parse(ports).Tcp;
        var popular = PortTable.Top(isUdp: false, 8).ToArray().Select(static port => (int)port).Where(list.Contains).ToArray();
        foreach (var seed in (ulong[])[0, 1, 2, ulong.MaxValue])
        {
            var order = new PortOrder(PortProtocol.Tcp, list, seed);
            var places = Enumerable.Range(0, order.Count).Select(index => order[index]).ToArray();
            Assert.Equal(list, places.Order());
            Assert.Equal(popular, places.Take(popular.Length));
            Assert.All(places, (port, index) => Assert.Equal(index, order.PlaceOf(port)));
        }
    }

    [Fact]
    public void The_others_come_in_another_order_by_another_seed()
    {
        var list = PortSet.Parse("1-1000").Tcp;
        var orders = Enumerable.Range(0, 2).Select(seed => new PortOrder(PortProtocol.Tcp, list, (ulong)seed)).Select(static order => Enumerable.Range(8, 100).Select(index => order[index]).ToArray()).ToArray();
        Assert.NotEqual(orders[0], orders[1]);
        Assert.NotEqual(orders[0].Order(), orders[0]);
    }
}
