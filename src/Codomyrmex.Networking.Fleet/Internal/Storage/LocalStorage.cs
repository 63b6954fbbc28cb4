using System.Globalization;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Storage;

/// <summary>The state of grains in a <see cref="StateFile"/>, for a machine on its own.</summary>
internal sealed class LocalStorage(StateFile file, IGrainStorageSerializer serializer) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (file.Read(KeyOf(stateName, grainId)) is not { } found)
        {
            grainState.ETag = null!;
            grainState.RecordExists = false;
            return Task.CompletedTask;
        }
        grainState.State = serializer.Deserialize<T>(new BinaryData(found.Data));
        grainState.ETag = found.Version.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    // On another thread: a commit waits for the disk, and a grain's thread is for others too.
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var data = serializer.Serialize(grainState.State).ToArray();
        var before = VersionOf(grainState.ETag);
        var version = await Task.Run(() => file.Write(KeyOf(stateName, grainId), data, before)) ?? throw Conflict(stateName, grainId, grainState.ETag);
        grainState.ETag = version.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!file.Delete(KeyOf(stateName, grainId), VersionOf(grainState.ETag)))
            throw Conflict(stateName, grainId, grainState.ETag);
        grainState.ETag = null!;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private static string KeyOf(string stateName, GrainId grain) => $"{grain}/{stateName}";

    private static long VersionOf(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);

    private static InconsistentStateException Conflict(string stateName, GrainId grain, string? etag) =>
        new($"The state '{stateName}' of {grain} is no longer the one that was read (version {etag ?? "none"}).");
}
