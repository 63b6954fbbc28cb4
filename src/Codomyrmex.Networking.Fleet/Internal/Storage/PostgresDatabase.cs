using Npgsql;

namespace Codomyrmex.Networking.Fleet.Internal.Storage;

/// <summary>The PostgreSQL that the machines of a fleet share: its connections, and its tables, which the first machine makes.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private const int Version = 1;

    // "CoFl": one machine makes the tables, others wait for it.
    private const long Lock = 0x436F466C;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS codonet_fleet_cluster (tables integer NOT NULL, version integer NOT NULL);
        CREATE TABLE IF NOT EXISTS codonet_fleet_machine (
            machine text PRIMARY KEY, status integer NOT NULL, gateway integer NOT NULL, name text NOT NULL, host text NOT NULL,
            suspects text NOT NULL, started timestamptz NOT NULL, alive timestamptz NOT NULL);
        CREATE TABLE IF NOT EXISTS codonet_fleet_state (grain text PRIMARY KEY, version bigint NOT NULL, data bytea NOT NULL);
        INSERT INTO codonet_fleet_cluster (tables, version) SELECT 1, 0 WHERE NOT EXISTS (SELECT FROM codonet_fleet_cluster);
        """;

    private readonly NpgsqlDataSource _source;

    /// <param name="text">How to reach it, in the form of Npgsql.</param>
    /// <exception cref="ArgumentException">It makes no sense.</exception>
    public PostgresDatabase(string text)
    {
        var settings = new NpgsqlConnectionStringBuilder(text) { ApplicationName = "codonet-fleet", Enlist = false };
        // One that starts again is waited for, by whoever asks again.
        settings.Timeout = Math.Min(settings.Timeout, 3);
        settings.CommandTimeout = Math.Min(settings.CommandTimeout, 3);
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, 16);
        _source = NpgsqlDataSource.Create(settings);
    }

    /// <summary>Throws where settings make no sense.</summary>
    /// <param name="text">The settings.</param>
    /// <param name="property">Whose they are.</param>
    /// <exception cref="ArgumentException">They make none.</exception>
    public static void Check(string text, string property)
    {
        try
        {
            if (string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host))
                throw new ArgumentException("Host is missing");
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or InvalidCastException)
        {
            throw new ArgumentException($"{property}: {wrong.Message.TrimEnd('.')}.", property, wrong);
        }
    }

    /// <summary>Makes the tables where they are missing.</summary>
    /// <exception cref="NetworkException">They are those of another version (<c>local.io</c>).</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        // Whoever may not make tables can use those that somebody else made.
        if (await NumberAsync(connection, "SELECT CASE WHEN to_regclass('codonet_fleet_state') IS NULL THEN 0 ELSE 1 END") == 0)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})");
            await ExecuteAsync(connection, Tables);
            await transaction.CommitAsync(cancellationToken);
        }
        if (await NumberAsync(connection, "SELECT tables FROM codonet_fleet_cluster") is var version and not Version)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.LocalIo,
                Message = $"The PostgreSQL has tables of a fleet of another version ({version}).",
                Phase = NetworkPhase.Prepare,
                Hint = "Name another database or schema (Search Path).",
            }.ToException();
        }
    }

    /// <summary>A command on a connection of its own.</summary>
    public NpgsqlCommand Command(string sql, params ReadOnlySpan<object> values) => With(_source.CreateCommand(sql), values);

    /// <summary>Does all of it or nothing: where one command changes no row, false and nothing.</summary>
    public async Task<bool> TryAllAsync(params (string Sql, object[] Values)[] commands)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var (sql, values) in commands)
        {
            await using var command = With(new NpgsqlCommand(sql, connection, transaction), values);
            if (await command.ExecuteNonQueryAsync() == 0)
                return false;
        }
        await transaction.CommitAsync();
        return true;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static NpgsqlCommand With(NpgsqlCommand command, ReadOnlySpan<object> values)
    {
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<int> NumberAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
