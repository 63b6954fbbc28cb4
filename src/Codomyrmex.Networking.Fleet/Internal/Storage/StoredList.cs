using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Storage;

/// <summary>
/// A list that a grain keeps in documents of some entries each, so that what changes costs the documents that it is in. They are written from the end of the list on: whatever an entry
/// leads to was added after it, and is there when it is.
/// </summary>
/// <remarks>The grain writes its own state before it loads a list and after it wrote one: so an activation that is no longer the one learns of it, and its caller too.</remarks>
internal sealed class StoredList<T>(IGrainStorage storage, GrainId owner, string name)
{
    /// <summary>Entries of one document.</summary>
    public const int Length = 100;

    private const int ReadAtOnce = 32;

    private readonly List<T> _entries = [];
    private readonly List<GrainState<List<T>>> _documents = [];
    private readonly SortedSet<int> _changed = [];

    public int Count => _entries.Count;

    public T this[int index] => _entries[index];

    /// <summary>Documents that it takes.</summary>
    public int Documents => (_entries.Count + Length - 1) / Length;

    /// <summary>Whether so much was added that a write which is interrupted may leave documents farther behind the end than <see cref="ClearAsync"/> looks by itself.</summary>
    public bool GrowsFar => Documents - _documents.Count > ReadAtOnce;

    public bool HasChanged => _changed.Count > 0;

    /// <summary>Reads all that is there.</summary>
    public async Task LoadAsync()
    {
        for (var isFull = true; isFull;)
        {
            var some = await Task.WhenAll(Enumerable.Range(_documents.Count, ReadAtOnce).Select(ReadAsync));
            foreach (var document in some)
            {
                // What comes after one that is not full was written by a commit that did not come to its end.
                isFull = document.State?.Count >= Length;
                if (document.State is not { Count: > 0 } entries)
                    break;
                _documents.Add(document);
                _entries.AddRange(entries);
                if (!isFull)
                    break;
            }
        }
    }

    public void Add(T entry)
    {
        _entries.Add(entry);
        _changed.Add((_entries.Count - 1) / Length);
    }

    public void Set(int index, T entry)
    {
        _entries[index] = entry;
        _changed.Add(index / Length);
    }

    /// <summary>Writes down what has changed. Where it throws, what is here may not be there.</summary>
    public async Task WriteAsync()
    {
        while (_documents.Count * Length < _entries.Count)
            _documents.Add(await ReadAsync(_documents.Count));
        while (_changed.Count > 0)
        {
            var last = _changed.Max;
            _documents[last].State = _entries.GetRange(last * Length, Math.Min(Length, _entries.Count - last * Length));
            await storage.WriteStateAsync($"{name}-{last}", owner, _documents[last]);
            _changed.Remove(last);
        }
    }

    /// <summary>Deletes all that is there, from the end on: what is left of one that was interrupted is read and deleted by the next one. Nothing may be asked of the list afterwards.</summary>
    /// <param name="most">As many documents as there may be, where that is more than a few beyond those that were read.</param>
    public async Task ClearAsync(int most = 0)
    {
        for (var end = Math.Max(_documents.Count + ReadAtOnce, most); end > 0; end -= ReadAtOnce)
            await Task.WhenAll(Enumerable.Range(Math.Max(0, end - ReadAtOnce), Math.Min(end, ReadAtOnce)).Select(DeleteAsync));
    }

    private async Task DeleteAsync(int number)
    {
        var document = await ReadAsync(number);
        if (document.RecordExists)
            await storage.ClearStateAsync($"{name}-{number}", owner, document);
    }

    private async Task<GrainState<List<T>>> ReadAsync(int number)
    {
        var document = new GrainState<List<T>>();
        await storage.ReadStateAsync($"{name}-{number}", owner, document);
        return document;
    }
}
