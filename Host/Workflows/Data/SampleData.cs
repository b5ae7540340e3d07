using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Data;

/// <summary>Samples to run a graph on, one at a time: rows of arrays, records, files of archives and folders, or single files.</summary>
public static class SampleData
{
    /// <summary>
    /// Feeds of one sample after the other. An .npz archive gives the rows of its array <c>images</c>, or of arrays named after inputs (/ as __); a .npy file the rows of its array for the only input;
    /// an image or .wav file one sample of the only input; TFRecord files their Examples; a .tar its files by common name (WebDataset); a folder or list its files in order. An array is one sample where the input
    /// takes another number of rows than one, a vector or a column.
    /// </summary>
    /// <param name="endpoints">The model, whose placeholders say what is wanted.</param>
    /// <param name="inputs">Names of the inputs; only one of them when the data do not name theirs.</param>
    /// <param name="value">Path and how images become numbers, see <see cref="ImageOptions"/>.</param>
    /// <param name="selection">Which samples are read; null for all.</param>
    /// <exception cref="FeedException">There is nothing to read, or it does not fit.</exception>
    /// <exception cref="WorkException">More samples are broken than the selection allows.</exception>
    /// <exception cref="EndpointException">The graph has several inputs, and the data do not name theirs.</exception>
    public static IEnumerable<IReadOnlyDictionary<string, Tensor>> Read(ModelEndpoints endpoints, IReadOnlyList<string> inputs, string value, SampleSelection? selection = null)
    {
        selection ??= SampleSelection.All;
        BadSamples bad = selection.Bad ?? new(most: 0, _ => { });
        foreach (var (name, feeds, error) in ReadAhead.InOrder(Items(new(endpoints, inputs, value), value, selection), Outcome))
        {
            if (error is null)
                yield return feeds!;
            else
                bad.Add(name, error);
        }
    }

    /// <summary>The samples that are asked for, not read yet.</summary>
    internal static IEnumerable<SampleItem> Items(SampleInputs wanted, string value, SampleSelection selection)
    {
        var sources = SampleSources.Of(SampleSources.PathOf(value));
        bool dealsFiles = selection.DealsFiles(sources.Count);
        long index = 0;
        for (int file = 0; file < sources.Count && index < selection.Most; file++)
        {
            if (dealsFiles && !selection.Shard.Takes(file))
                continue;
            long number = selection.Batch > 1 ? index : file;
            foreach (SampleItem item in Of(wanted, sources[file], local => dealsFiles || selection.Shard.Takes((number + local) / selection.Batch)))
            {
                if (index++ >= selection.Most)
                    yield break;
                if (item != SampleItem.Unwanted)
                    yield return item;
            }
        }
    }

    /// <summary>The samples of a file. One that cannot be opened is a broken sample.</summary>
    private static IEnumerable<SampleItem> Of(SampleInputs wanted, SampleSource source, Func<long, bool> isWanted)
    {
        try
        {
            if (source.IsRecords)
                return RecordSamples.Of(wanted, source, isWanted);
            if (source.IsTar)
                return TarSamples.Of(wanted, source, isWanted);
            if (source.Ending is ".npz" or ".npy")
                return ArraySamples.Of(wanted, source, isWanted);
            Node only = wanted.Only();
            return [isWanted(0) ? new($"'{source.Name}'", () => wanted.Feed(only, source)) { Label = () => source.Label ?? throw SampleInputs.Unlabelled(source.Name) } : SampleItem.Unwanted];
        }
        catch (FeedException error)
        {
            return [SampleItem.Broken($"'{source.Name}'", error)];
        }
    }

    private static (string Name, IReadOnlyDictionary<string, Tensor>? Feeds, FeedException? Error) Outcome(SampleItem item)
    {
        try
        {
            return (item.Name, item.Read(), null);
        }
        catch (FeedException error)
        {
            return (item.Name, null, error);
        }
    }
}
