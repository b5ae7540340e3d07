using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Workflows.Data;

/// <summary>Samples of a TFRecord file: each record is an Example whose features are named after inputs, or has one image or array for the only input.</summary>
internal static class RecordSamples
{
    /// <summary>Features that hold the value of the only input, in the order in which they are looked for.</summary>
    private static readonly string[] ValueKeys = ["image/encoded", "image", "images", "image_raw", "x", "input", "inputs", "features"];

    private static readonly string[] LabelKeys = ["image/class/label", "label", "labels", "class", "y"];

    /// <summary>The samples; the file is read along with them.</summary>
    /// <param name="wanted">The inputs.</param>
    /// <param name="source">The file.</param>
    /// <param name="isWanted">Whether a record is asked for; others are gone past.</param>
    public static IEnumerable<SampleItem> Of(SampleInputs wanted, SampleSource source, Func<long, bool> isWanted)
    {
        using var reader = new TfRecordReader(source.Open());
        for (long record = 0; ; record++)
        {
            bool isAsked = isWanted(record);
            if (Next(reader, source, record, isAsked) is not var (content, error))
                yield break;
            string name = $"{record} of '{source.Name}'";
            if (!isAsked)
                yield return SampleItem.Unwanted;
            else if (error is not null)
                yield return SampleItem.Broken($"{name} and what follows it", error);
            else
                yield return content is null ? SampleItem.Broken(name, new($"record {name} has a wrong checksum")) : Item(wanted, name, content);
            if (error is not null)
                yield break;
        }
    }

    /// <summary>The next record: its content, null where it is damaged or not asked for, or why no record can be found any more. Null at the end of the file.</summary>
    private static (byte[]? Content, FeedException? Error)? Next(TfRecordReader reader, SampleSource source, long record, bool isAsked)
    {
        try
        {
            return source.Guard<(byte[]?, FeedException?)?>(() =>
            {
                if (reader.Next() is not { } length)
                    return null;
                if (isAsked)
                    return (reader.Read(length), null);
                reader.Skip(length);
                return (null, null);
            });
        }
        catch (FeedException error)
        {
            return (null, new FeedException($"record {record}: {error.Message}", error) { Suggestion = "Copy or write the file again; records behind this one cannot be found." });
        }
    }

    private static SampleItem Item(SampleInputs wanted, string name, byte[] content)
    {
        var features = new Lazy<Dictionary<string, Tensor>>(() => Parse(name, content));
        return new(name, () => Values(wanted, features.Value, name))
        {
            Label = () => LabelKeys.Select(key => features.Value.GetValueOrDefault(key)).FirstOrDefault(value => value is { Type: DataType.Int64, ElementCount: 1 }) is { } label
                ? SampleInputs.Class(label.AsSpan<long>()[0], name)
                : throw SampleInputs.Unlabelled(name),
        };
    }

    private static Dictionary<string, Tensor> Parse(string name, byte[] content)
    {
        try
        {
            return ExampleFeatures.Parse(content);
        }
        catch (ModelFormatException error)
        {
            throw new FeedException($"record {name} is no Example: {error.Message}", error);
        }
    }

    private static Dictionary<string, Tensor> Values(SampleInputs wanted, Dictionary<string, Tensor> features, string name)
    {
        var named = features.Select(feature => (Input: wanted.Find(feature.Key), feature.Value)).Where(feature => feature.Input is not null).ToDictionary(feature => feature.Input!.Name, feature => Value(wanted, feature.Input!, feature.Value, name), StringComparer.Ordinal);
        if (named.Count > 0)
            return named;
        Tensor value = ValueKeys.Select(key => features.GetValueOrDefault(key)).FirstOrDefault(feature => feature is not null)
            ?? throw new FeedException($"record {name} has no feature named after an input ({wanted.Keys}) and none of {string.Join(", ", ValueKeys)}; it has {string.Join(", ", features.Keys.Order(StringComparer.Ordinal))}");
        Node only = wanted.Only();
        return SampleInputs.Feed(only, Value(wanted, only, value, name));
    }

    private static Tensor Value(SampleInputs wanted, Node input, Tensor feature, string name)
    {
        DataType type = GraphInputs.TypeOf(input);
        if (feature.Type != DataType.String || type == DataType.String)
            return wanted.FitWhole(input, Shaped(feature, GraphInputs.ShapeOf(input)), name);
        if (feature.Strings is not [var only])
            throw new FeedException($"record {name} has {feature.ElementCount} strings for the input '{input.Name}', not one");
        byte[] content = only.ToArray();
        return ImageFile.IsEncoded(content) ? wanted.Decode(input, name, ".jpg", content) : Raw(wanted, input, content, name);
    }

    /// <summary>Bytes that are the elements themselves, of the input's type, or of uint8 where there are so many.</summary>
    private static Tensor Raw(SampleInputs wanted, Node input, byte[] content, string name)
    {
        TensorShape shape = GraphInputs.ShapeOf(input);
        long elements = SampleInputs.KnownElements(shape);
        DataType type = GraphInputs.TypeOf(input);
        DataType found = content.Length == elements * type.Size() ? type : content.Length == elements ? DataType.UInt8 : DataType.Invalid;
        return found != DataType.Invalid
            ? wanted.FitWhole(input, Shaped(Tensor.FromContent(found, TensorShape.Of(elements), content), shape), name)
            : throw new FeedException($"record {name} has {content.Length} bytes for the input '{input.Name}' of shape {shape}, which are no image and not as many as its elements");
    }

    /// <summary>A vector with the dimensions of an input: one sample, and one unknown dimension beside that by what is there.</summary>
    private static Tensor Shaped(Tensor vector, TensorShape wanted)
    {
        if (wanted.IsUnknownRank || wanted.Rank == 0)
            return vector;
        long[] dimensions = [.. wanted.Dimensions];
        if (dimensions[0] < 0 && dimensions.Length > 1)
            dimensions[0] = 1;
        long known = SampleInputs.KnownElements(TensorShape.Of(dimensions));
        if (dimensions.Count(dimension => dimension < 0) == 1 && known > 0 && vector.ElementCount % known == 0)
            dimensions[Array.FindIndex(dimensions, dimension => dimension < 0)] = vector.ElementCount / known;
        var shape = TensorShape.Of(dimensions);
        if (!shape.IsFullyKnown || !shape.TryCount(out long count) || count != vector.ElementCount)
            return vector;
        return vector.Type == DataType.String ? Tensor.FromStrings(shape, [.. vector.Strings]) : Tensor.FromContent(vector.Type, shape, vector.Bytes);
    }
}
