using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Data;

/// <summary>The inputs that samples are for, and how a value becomes a tensor that one takes.</summary>
/// <param name="endpoints">The model.</param>
/// <param name="inputs">Names of the inputs.</param>
/// <param name="value">What <c>--data</c> names: the options behind the path say how images become numbers.</param>
internal sealed class SampleInputs(ModelEndpoints endpoints, IReadOnlyList<string> inputs, string value)
{
    /// <summary>What to do about NaN in a sample.</summary>
    public const string NotFiniteSuggestion = "Take the sample out, or find what made it so: a division by zero, or a file that was read wrongly.";

    private readonly string query = value[SampleSources.PathOf(value).Length..];
    private readonly ImageOptions options = ImageOptions.Parse(value[SampleSources.PathOf(value).Length..].TrimStart('?'));

    /// <summary>The inputs' names as keys of an archive.</summary>
    public string Keys => string.Join(", ", inputs.Select(input => input.Replace("/", "__", StringComparison.Ordinal)));

    /// <summary>A sample that has no class.</summary>
    public static FeedException Unlabelled(string name) => new($"'{name}' has no class") { Suggestion = "A list gives it behind a tab, a .tar in a file .cls, an Example in image/class/label or label." };

    /// <summary>The number of a class.</summary>
    /// <exception cref="FeedException">It is larger than numbers of classes can be.</exception>
    public static int Class(long number, string name) => number is >= int.MinValue and <= int.MaxValue ? (int)number : throw new FeedException($"'{name}' has the class {number}, which no model has");

    /// <summary>The product of the dimensions that are known.</summary>
    /// <exception cref="FeedException">It does not fit in 63 bits.</exception>
    public static long KnownElements(TensorShape shape) => TensorShape.Of([.. shape.Dimensions.Where(dimension => dimension > 0)]).TryCount(out long count) ? count : throw new FeedException($"a tensor of shape {shape} has too many elements");

    /// <summary>The only input.</summary>
    /// <exception cref="EndpointException">There are several.</exception>
    public Node Only() => GraphInputs.Resolve(endpoints, inputs is [var name] ? name : null);

    /// <summary>The input of a key: a public name or a node's, <c>/</c> as it is or as <c>__</c>; null for none.</summary>
    public Node? Find(string key) => FeedArguments.OfKey(endpoints, key);

    /// <summary>A value as an input takes it.</summary>
    /// <exception cref="FeedException">It does not fit.</exception>
    public Tensor Fit(Node input, Tensor tensor, string file)
    {
        DataType type = GraphInputs.TypeOf(input);
        try
        {
            return FeedReader.Fit(options.Prepare(tensor, type), type, GraphInputs.ShapeOf(input));
        }
        catch (FeedException error)
        {
            throw new FeedException($"'{file}' does not fit the input '{input.Name}': {error.Message}", error);
        }
    }

    /// <summary>A value that is one whole sample of an input.</summary>
    /// <exception cref="FeedException">It does not fit, or holds NaN.</exception>
    public Tensor FitWhole(Node input, Tensor tensor, string file) => NotFiniteValues.First(tensor) is { } found
        ? throw new FeedException($"'{file}' (input {input.Name}) holds {found}") { Suggestion = NotFiniteSuggestion }
        : Fit(input, tensor, file);

    /// <summary>The sample that a file of its own is.</summary>
    /// <exception cref="FeedException">It cannot be read, or does not fit.</exception>
    public Dictionary<string, Tensor> Feed(Node input, SampleSource source) => Feed(input, Decode(input, source.Name, source.Ending, source.ReadAll()));

    /// <summary>The value of one input as a sample.</summary>
    public static Dictionary<string, Tensor> Feed(Node input, Tensor tensor) => new(StringComparer.Ordinal) { [input.Name] = tensor };

    /// <summary>The tensor in an image, sound or array.</summary>
    /// <param name="input">The input that it is for.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="ending">What it is: <c>.npy</c>, <c>.wav</c>, else an image.</param>
    /// <param name="content">The bytes.</param>
    /// <exception cref="FeedException">The bytes are something else, or do not fit.</exception>
    public Tensor Decode(Node input, string file, string ending, byte[] content)
    {
        DataType type = GraphInputs.TypeOf(input);
        TensorShape shape = GraphInputs.ShapeOf(input);
        if (ending == ".npy")
            return FitWhole(input, new SampleSource(file).Guard(() => NpyFile.Read(content)), file);
        if (ending == ".wav" && query.Length > 0)
            throw new FeedException($"'{file}' is a sound, which takes no '{query}'");
        if (type == DataType.String)
            return FeedReader.Fit(Tensor.FromStrings(TensorShape.Scalar, [content]), type, shape);
        return FeedReader.Fit(ending == ".wav" ? FeedReader.SoundFor(file, content, shape) : ImageFile.Decode(file, content, options, type, shape), type, shape);
    }
}
