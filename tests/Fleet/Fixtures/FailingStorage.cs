using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>Storage that a test lets fail.</summary>
internal sealed class FailingStorage(IGrainStorage storage) : IGrainStorage
{
    private volatile string? _fails;
    private int _left = int.MaxValue;
    private int _clears = int.MaxValue;

    /// <summary>Writes until the next ones fail.</summary>
    public int Left
    {
        set => Volatile.Write(ref _left, value);
    }

    /// <summary>Documents that are still deleted until that fails as well.</summary>
    public int Clears
    {
        set => Volatile.Write(ref _clears, value);
    }

    /// <summary>The state whose writes fail; null for none.</summary>
    public string? Fails
    {
        set => _fails = value;
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => storage.ReadStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        stateName != _fails && Interlocked.Decrement(ref _left) >= 0 ? storage.WriteStateAsync(stateName, grainId, grainState) : Task.FromException(new IOException("full"));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Interlocked.Decrement(ref _clears) >= 0 ? storage.ClearStateAsync(stateName, grainId, grainState) : Task.FromException(new IOException("broken"));
}
