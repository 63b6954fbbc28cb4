using System.Data.Common;
using System.Globalization;
using System.Net;
using Orleans.Messaging;

namespace Codomyrmex.Networking.Fleet.Internal.Storage;

/// <summary>
/// Which machines are up, as the engine writes it down: a row for each, and one number that grows with every change, so that whoever changes something knows all that was changed before.
/// </summary>
internal sealed class PostgresMembership(PostgresDatabase database) : IMembershipTable, IGatewayListProvider
{
    private const string Columns = "machine, status, gateway, name, host, suspects, started, alive";
    private const string Bump = "UPDATE codonet_fleet_cluster SET version = $2 WHERE version = $1";

    public bool IsUpdatable => true;

    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(10);

    public Task InitializeMembershipTable(bool tryInitTableVersion) => database.PrepareAsync(CancellationToken.None);

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways()
    {
        var gateways = new List<Uri>();
        await using var command = database.Command("SELECT machine, gateway FROM codonet_fleet_machine WHERE status = $1 AND gateway > 0", (int)SiloStatus.Active);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var machine = SiloAddress.FromParsableString(reader.GetString(0));
            gateways.Add(SiloAddress.New(new IPEndPoint(machine.Endpoint.Address, reader.GetInt32(1)), machine.Generation).ToGatewayUri());
        }
        return gateways;
    }

    public Task<MembershipTableData> ReadAll() => ReadAsync(null);

    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadAsync(key);

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => database.TryAllAsync(
        (Bump, VersionsOf(tableVersion)),
        ($"INSERT INTO codonet_fleet_machine ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (machine) DO NOTHING", ValuesOf(entry)));

    // The number tells whether the row is still the one that was read: it changes with every row.
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => database.TryAllAsync(
        (Bump, VersionsOf(tableVersion)),
        ("UPDATE codonet_fleet_machine SET status = $2, gateway = $3, name = $4, host = $5, suspects = $6, started = $7, alive = $8 WHERE machine = $1", ValuesOf(entry)));

    public async Task UpdateIAmAlive(MembershipEntry entry)
    {
        await using var command = database.Command("UPDATE codonet_fleet_machine SET alive = $2 WHERE machine = $1", entry.SiloAddress.ToParsableString(), Utc(entry.IAmAliveTime));
        await command.ExecuteNonQueryAsync();
    }

    public async Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        await using var command = database.Command("DELETE FROM codonet_fleet_machine WHERE status = $1 AND alive < $2 AND started < $2", (int)SiloStatus.Dead, beforeDate.UtcDateTime);
        await command.ExecuteNonQueryAsync();
    }

    public async Task DeleteMembershipTableEntries(string clusterId)
    {
        await using var command = database.Command("DELETE FROM codonet_fleet_machine");
        await command.ExecuteNonQueryAsync();
    }

    // Number and rows in one statement: they are of one moment.
    private async Task<MembershipTableData> ReadAsync(SiloAddress? one)
    {
        const string From = $"SELECT version, {Columns} FROM codonet_fleet_cluster LEFT JOIN codonet_fleet_machine ON ";
        await using var command = one is null ? database.Command(From + "true") : database.Command(From + "machine = $1", one.ToParsableString());
        await using var reader = await command.ExecuteReaderAsync();
        var version = new TableVersion(0, "0");
        var machines = new List<Tuple<MembershipEntry, string>>();
        while (await reader.ReadAsync())
        {
            var number = reader.GetInt32(0);
            version = new TableVersion(number, Text(number));
            if (!await reader.IsDBNullAsync(1))
                machines.Add(Tuple.Create(EntryOf(reader), version.VersionEtag));
        }
        return new MembershipTableData(machines, version);
    }

    private static MembershipEntry EntryOf(DbDataReader reader) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(reader.GetString(1)),
        Status = (SiloStatus)reader.GetInt32(2),
        ProxyPort = reader.GetInt32(3),
        SiloName = reader.GetString(4),
        HostName = reader.GetString(5),
        SuspectTimes = [.. reader.GetString(6).Split('|', StringSplitOptions.RemoveEmptyEntries).Select(static suspect => suspect.Split(','))
            .Select(static suspect => Tuple.Create(SiloAddress.FromParsableString(suspect[0]), new DateTime(long.Parse(suspect[1], CultureInfo.InvariantCulture), DateTimeKind.Utc)))],
        StartTime = reader.GetDateTime(7),
        IAmAliveTime = reader.GetDateTime(8),
    };

    private static object[] ValuesOf(MembershipEntry entry) =>
    [
        entry.SiloAddress.ToParsableString(), (int)entry.Status, entry.ProxyPort, entry.SiloName ?? "", entry.HostName ?? "",
        string.Join('|', (entry.SuspectTimes ?? []).Select(static suspect => $"{suspect.Item1.ToParsableString()},{suspect.Item2.Ticks.ToString(CultureInfo.InvariantCulture)}")),
        Utc(entry.StartTime), Utc(entry.IAmAliveTime),
    ];

    private static object[] VersionsOf(TableVersion next) => [int.Parse(next.VersionEtag, CultureInfo.InvariantCulture), next.Version];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // The engine's times are of UTC, and do not always say so.
    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);
}
