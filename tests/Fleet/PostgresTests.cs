using System.Net;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>What machines keep in a PostgreSQL: documents and the list of who is up, each replaced only by whoever knows what was there before.</summary>
public sealed class PostgresTests : IAsyncLifetime
{
    private readonly int _port = ServerProcess.FreePort();
    private ServerProcess? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Settings => PostgresServer.Settings(_port);

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync(_port);

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    [Fact]
    public async Task Documents_are_replaced_only_by_whoever_has_read_the_last_one()
    {
        await using var database = new PostgresDatabase(Settings);
        // Two machines that start at the same time make the tables once.
        await using var other = new PostgresDatabase(Settings);
        await Task.WhenAll(database.PrepareAsync(Stop), other.PrepareAsync(Stop));
        var storage = new PostgresStorage(database, new JsonStateSerializer());
        var grain = GrainId.Create("fleet", "0");
        var (one, two) = (new GrainState<FleetDocument>(), new GrainState<FleetDocument>());
        await storage.ReadStateAsync("fleet", grain, one);
        Assert.False(one.RecordExists);
        one.State = new FleetDocument { Campaigns = { "a\0'\u001b" } };
        await storage.WriteStateAsync("fleet", grain, one);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("fleet", grain, two));
        await storage.ReadStateAsync("fleet", grain, two);
        Assert.Equal(["a\0'\u001b"], two.State?.Campaigns);
        await storage.WriteStateAsync("fleet", grain, two);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("fleet", grain, one));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("fleet", grain, one));
        await storage.ClearStateAsync("fleet", grain, two);
        await storage.ReadStateAsync("fleet", grain, one);
        Assert.False(one.RecordExists);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_goes_wrong_with_a_document_is_nothing_that_cannot_travel_to_a_caller(bool answers)
    {
        // It has no tables, or nobody listens there.
        await using var database = new PostgresDatabase(answers ? Settings : PostgresServer.Settings(ServerProcess.FreePort()));
        var storage = new PostgresStorage(database, new JsonStateSerializer());
        var (grain, state) = (GrainId.Create("fleet", "0"), new GrainState<FleetDocument> { State = new FleetDocument() });
        foreach (var call in (Func<Task>[])[() => storage.ReadStateAsync("fleet", grain, state), () => storage.WriteStateAsync("fleet", grain, state), () => storage.ClearStateAsync("fleet", grain, state)])
        {
            var error = await Assert.ThrowsAsync<OrleansException>(call);
            Assert.Contains(answers ? "codonet_fleet_state" : "refused", error.Message);
            Assert.Null(error.InnerException);
        }
    }

    [Fact]
    public async Task List_of_machines_is_changed_only_by_whoever_has_read_the_last_one()
    {
        await using var database = new PostgresDatabase(Settings);
        var members = new PostgresMembership(database);
        await members.InitializeMembershipTable(true);
        var now = new DateTime(2026, 11, 26, 12, 0, 0, DateTimeKind.Utc);
        var (first, second) = (Machine(1), Machine(2));
        var empty = (await members.ReadAll()).Version;
        Assert.True(await members.InsertRow(first, empty.Next()));
        Assert.False(await members.InsertRow(second, empty.Next()));
        var table = await members.ReadAll();
        // One that is there already changes nothing, not even the number.
        Assert.False(await members.InsertRow(first, table.Version.Next()));
        Assert.Equal(table.Version, (await members.ReadAll()).Version);
        Assert.True(await members.InsertRow(second, table.Version.Next()));
        Assert.Equal([$"gwy.tcp://127.0.0.2:30000/7"], (await members.GetGateways()).Select(static gateway => gateway.ToString()).Where(static gateway => gateway.Contains("127.0.0.2", StringComparison.Ordinal)));
        table = await members.ReadAll();
        second.Status = SiloStatus.Dead;
        second.AddSuspector(first.SiloAddress, now);
        Assert.True(await members.UpdateRow(second, "", table.Version.Next()));
        Assert.False(await members.UpdateRow(first, "", table.Version.Next()));
        var (read, _) = Assert.Single((await members.ReadRow(second.SiloAddress)).Members);
        Assert.Equal((SiloStatus.Dead, "m2", now, now), (read.Status, read.SiloName, read.StartTime, read.SuspectTimes![0].Item2));
        Assert.Equal(first.SiloAddress, read.SuspectTimes![0].Item1);
        Assert.Single(await members.GetGateways());
        first.IAmAliveTime = now.AddMinutes(1);
        await members.UpdateIAmAlive(first);
        await members.CleanupDefunctSiloEntries(now.AddSeconds(1));
        (read, _) = Assert.Single((await members.ReadAll()).Members);
        Assert.Equal(("m1", now.AddMinutes(1)), (read.SiloName, read.IAmAliveTime));

        MembershipEntry Machine(int number) => new()
        {
            SiloAddress = SiloAddress.New(IPAddress.Parse($"127.0.0.{number}"), 11111, 7),
            Status = SiloStatus.Active,
            ProxyPort = 30000,
            SiloName = $"m{number}",
            HostName = "host",
            StartTime = now,
            IAmAliveTime = now,
        };
    }
}
