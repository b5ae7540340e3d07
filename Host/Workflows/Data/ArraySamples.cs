using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Data;

/// <summary>Samples of NumPy's files: the rows of an array <c>images</c> or of arrays named after inputs (<c>.npz</c>), or of the array for the only input (<c>.npy</c>).</summary>
internal static class ArraySamples
{
    /// <summary>The samples of a file, which is read when the first one is asked for.</summary>
    /// <param name="wanted">The inputs.</param>
    /// <param name="source">The file.</param>
    /// <param name="isWanted">Whether a row is asked for.</param>
    /// <exception cref="FeedException">The file cannot be read, or has nothing for an input.</exception>
    public static IEnumerable<SampleItem> Of(SampleInputs wanted, SampleSource source, Func<long, bool> isWanted)
    {
        string file = source.Name;
        if (source.Ending == ".npy")
            return Rows(wanted, [SampleArray.Of(wanted.Only(), source.Guard(() => NpyFile.Read(source.ReadAll())))], null, file, isWanted);
        var arrays = source.Guard(() =>
        {
            using Stream stream = source.IsRemote ? new MemoryStream(source.ReadAll()) : source.Open();
            return NpzFile.Read(stream);
        });
        return Rows(wanted, Named(wanted, arrays, file), arrays.GetValueOrDefault("labels"), file, isWanted);
    }

    private static List<SampleArray> Named(SampleInputs wanted, IReadOnlyDictionary<string, Tensor> arrays, string file)
    {
        if (arrays.TryGetValue("images", out var images))
            return [new(wanted.Only(), images, images.Shape.Rank > 0 && images.Type != DataType.String ? 1 : 0)];
        var named = new List<SampleArray>();
        foreach (var (key, array) in arrays)
        {
            if (wanted.Find(key) is { } input)
                named.Add(SampleArray.Of(input, array));
        }
        return named.Count > 0
            ? named
            : throw new FeedException($"'{file}' has neither an array 'images' nor one named after an input (/ as __: {wanted.Keys}); it has {NameList.Join(arrays.Keys)}");
    }

    private static IEnumerable<SampleItem> Rows(SampleInputs wanted, List<SampleArray> arrays, Tensor? labels, string file, Func<long, bool> isWanted)
    {
        long[] counts = [.. arrays.Where(array => array.Rows > 0).Select(array => array.Values.Shape[0] / array.Rows).Distinct()];
        if (counts.Length > 1)
            throw new FeedException($"'{file}' has arrays of {string.Join(" and ", counts.Order())} rows; each sample is one row of every array, or as many as a fixed batch has");
        var classes = new Lazy<int[]>(() => LabelsOf(labels));
        for (int i = 0; i < (counts.Length == 0 ? 1 : counts[0]); i++)
        {
            int row = i;
            yield return isWanted(row)
                ? new($"{row} of '{file}'", () => arrays.ToDictionary(array => array.Input.Name, array => Fit(wanted, array, row, file), StringComparer.Ordinal)) { Label = () => row < classes.Value.Length ? classes.Value[row] : throw SampleInputs.Unlabelled($"{row} of '{file}'") }
                : SampleItem.Unwanted;
        }
    }

    private static int[] LabelsOf(Tensor? labels) => labels is null || labels.Type == DataType.String ? [] : NumberConversion.To(labels, DataType.Int32).AsSpan<int>().ToArray();

    private static Tensor Row(Tensor array, int row, int rows)
    {
        int size = checked((int)(array.Bytes.Length / array.Shape[0] * rows));
        return Tensor.FromContent(array.Type, TensorShape.Of([rows, .. array.Shape.Dimensions.Skip(1)]), array.Bytes.Slice(row * size, size));
    }

    private static Tensor Fit(SampleInputs wanted, SampleArray array, int row, string file)
    {
        Tensor value = array.Rows > 0 ? Row(array.Values, row, array.Rows) : array.Values;
        if (NotFiniteValues.First(value) is { } found)
            throw new FeedException($"sample {row} of '{file}' (input {array.Input.Name}) holds {found}; samples count from 0") { Suggestion = SampleInputs.NotFiniteSuggestion };
        return wanted.Fit(array.Input, value, file);
    }

    /// <summary>An array for an input.</summary>
    /// <param name="Input">The input.</param>
    /// <param name="Values">The array.</param>
    /// <param name="Rows">How many rows are a sample: 1, or the size of the input's fixed batch; 0 when the whole array is one.</param>
    private sealed record SampleArray(Node Input, Tensor Values, int Rows)
    {
        public static SampleArray Of(Node input, Tensor values)
        {
            TensorShape wanted = GraphInputs.ShapeOf(input);
            int rank = values.Shape.Rank;
            if (rank < 2 || values.Type == DataType.String || wanted.IsUnknownRank || wanted.Rank != rank)
                return new(input, values, Rows: 0);
            long batch = wanted[0];
            bool isColumn = rank == 2 && wanted[1] == 1;
            if (batch == 1 || (batch < 0 && !isColumn))
                return new(input, values, Rows: 1);
            return new(input, values, batch > 1 && values.Shape[0] > batch && values.Shape[0] % batch == 0 ? (int)batch : 0);
        }
    }
}
