using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Text;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Examples;

/// <summary>
/// Serialized examples as tensors: sparse features as sparse matrices of a row an example, dense ones stacked, ragged ones flat with their row splits. A single example, a scalar, has no dimension of examples.
/// </summary>
[Kernel("ParseExample", "ParseExampleV2", "ParseSingleExample")]
internal sealed class ParseExample : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        var plan = ParsePlan.Of(call);
        Tensor serialized = call.Inputs[0];
        if (serialized.Shape.Rank > 1)
            throw Refuse.Invalid($"Expected serialized to be a scalar or vector, got shape: {serialized.Shape}");
        bool isSingle = serialized.Shape.Rank == 0;
        var examples = new Example[(int)serialized.ElementCount];
        for (int i = 0; i < examples.Length; i++)
        {
            call.Cancellation.ThrowIfCancellationRequested();
            examples[i] = Example.Parse(serialized.Strings[i], plan.NameOf(i));
        }
        var sparse = plan.SparseKeys.Select((key, i) => Sparse(examples, key, plan.SparseTypes[i], plan, isSingle)).ToArray();
        var ragged = plan.RaggedKeys.Select((key, i) => Ragged(examples, key, plan.RaggedTypes[i], plan.SplitTypes[i], plan, isSingle)).ToArray();
        return
        [
            .. sparse.Select(result => result.Indices), .. sparse.Select(result => result.Values), .. sparse.Select(result => result.Shape),
            .. plan.DenseKeys.Select((_, i) => Dense(examples, i, plan, isSingle)),
            .. ragged.Select(result => result.Values), .. ragged.Select(result => result.Splits),
        ];
    }

    private static (Tensor Indices, Tensor Values, Tensor Shape) Sparse(Example[] examples, string key, DataType type, ParsePlan plan, bool isSingle)
    {
        var values = new ValueList(type);
        var indices = new List<long>();
        int widest = 0;
        for (int row = 0; row < examples.Length; row++)
        {
            if (plan.Find(examples[row], row, key, type) is not { } found)
                continue;
            values.Add(found);
            widest = Math.Max(widest, found.Count);
            for (int i = 0; i < found.Count; i++)
                indices.AddRange(isSingle ? [i] : [row, i]);
        }
        long[] shape = isSingle ? [widest] : [examples.Length, widest];
        return (Integers.Write(DataType.Int64, TensorShape.Of(values.Count, shape.Length), [.. indices]), values.ToTensor(TensorShape.Of(values.Count)), Integers.Write(DataType.Int64, TensorShape.Of(shape.Length), shape));
    }

    private static (Tensor Values, Tensor Splits) Ragged(Example[] examples, string key, DataType type, DataType splitType, ParsePlan plan, bool isSingle)
    {
        var values = new ValueList(type);
        var splits = new List<long> { 0 };
        for (int row = 0; row < examples.Length; row++)
        {
            if (plan.Find(examples[row], row, key, type) is { } found)
                values.Add(found);
            splits.Add(values.Count);
        }
        long[] stored = isSingle ? [] : [.. splits];
        return (values.ToTensor(TensorShape.Of(values.Count)), Integers.Write(splitType, TensorShape.Of(stored.Length), stored));
    }

    private static Tensor Dense(Example[] examples, int feature, ParsePlan plan, bool isSingle)
    {
        string key = plan.DenseKeys[feature];
        Tensor preset = plan.Defaults[feature];
        TensorShape shape = plan.DenseShapes[feature];
        ValueList?[] found = [.. examples.Select((example, row) => plan.Find(example, row, key, preset.Type))];
        bool isVariable = shape.Rank > 0 && shape[0] < 0;
        var values = new ValueList(preset.Type);
        long stride = Tensors.Product(shape.Dimensions.AsSpan()[(isVariable ? 1 : 0)..]);
        long longest = isVariable ? found.Max(row => (long?)row?.Count / Math.Max(1, stride)) ?? 0 : 1;
        for (int row = 0; row < found.Length; row++)
            AddRow(values, found[row], preset, new(key, plan.NameOf(row), shape, stride, isVariable, checked((int)(longest * stride))));
        long[] dimensions = isVariable ? [longest, .. shape.Dimensions.AsSpan()[1..]] : [.. shape.Dimensions];
        return values.ToTensor(TensorShape.Of(isSingle ? dimensions : [examples.Length, .. dimensions]));
    }

    private static void AddRow(ValueList values, ValueList? found, Tensor preset, DenseRow row)
    {
        if (found is null && !row.IsVariable)
        {
            if (preset.ElementCount != row.Count)
                throw Refuse.Invalid($"Name: {row.Name}, Feature: {row.Key} (data type: {preset.Type.Name()}) is required but could not be found.");
            values.Add(preset, row.Count);
            return;
        }
        int count = found?.Count ?? 0;
        bool fits = row.IsVariable ? row.Stride == 0 ? count == 0 : count % row.Stride == 0 : count == row.Count;
        if (!fits)
            throw Refuse.Invalid($"Name: {row.Name}, Key: {row.Key}, Index: 0.  Number of {preset.Type.Name()} values != expected.  values size: {count} but output shape: {row.Shape}");
        if (found is not null)
            values.Add(found);
        if (preset.ElementCount == 1)
            values.Add(preset, row.Count - count);
        else
            values.AddEmpty(row.Count - count);
    }

    /// <summary>What one row of a dense feature has to be.</summary>
    /// <param name="Key">The feature.</param>
    /// <param name="Name">The example.</param>
    /// <param name="Shape">Shape that the node says.</param>
    /// <param name="Stride">Values of a step along a free first dimension.</param>
    /// <param name="IsVariable">True when the first dimension is free: rows are filled up to the longest.</param>
    /// <param name="Count">Values of the row in the result.</param>
    private readonly record struct DenseRow(string Key, string Name, TensorShape Shape, long Stride, bool IsVariable, int Count);
}

/// <summary>The features that a node parses, from its inputs and attributes.</summary>
internal sealed record ParsePlan
{
    public required string[] SparseKeys { get; init; }

    public required DataType[] SparseTypes { get; init; }

    public required string[] DenseKeys { get; init; }

    public required TensorShape[] DenseShapes { get; init; }

    /// <summary>What stands in for a missing dense feature, of the feature's type; without elements when there is nothing.</summary>
    public required Tensor[] Defaults { get; init; }

    public string[] RaggedKeys { get; init; } = [];

    public DataType[] RaggedTypes { get; init; } = [];

    public DataType[] SplitTypes { get; init; } = [];

    private Tensor? Names { get; init; }

    public static ParsePlan Of(KernelCall call)
    {
        Node node = call.Node;
        if (call.Inputs[0].Type != DataType.String)
            throw Refuse.Type(call.Inputs[0].Type, "string");
        DataType[] sparseTypes = Types(node, "sparse_types");
        TensorShape[] denseShapes = Shapes(node, "dense_shapes");
        int dense = denseShapes.Length;
        int least = node.Op switch { "ParseSingleExample" => 1 + dense, "ParseExample" => 2 + sparseTypes.Length + (2 * dense), _ => 5 + dense };
        if (call.Inputs.Count < least)
            throw Refuse.Invalid($"{call.Inputs.Count} inputs are too few for the features of the attributes");
        Tensor[] defaults = [.. call.Inputs.Skip(call.Inputs.Count - dense)];
        ParsePlan plan = node.Op switch
        {
            "ParseSingleExample" => new() { SparseKeys = node.Texts("sparse_keys"), DenseKeys = node.Texts("dense_keys"), SparseTypes = sparseTypes, DenseShapes = denseShapes, Defaults = defaults },
            "ParseExample" => new()
            {
                SparseKeys = [.. call.Inputs.Skip(2).Take(sparseTypes.Length).Select(key => Strings.Scalar(key, "sparse_keys"))],
                DenseKeys = [.. call.Inputs.Skip(2 + sparseTypes.Length).Take(dense).Select(key => Strings.Scalar(key, "dense_keys"))],
                SparseTypes = sparseTypes,
                DenseShapes = denseShapes,
                Defaults = defaults,
                Names = call.Inputs[1],
            },
            _ => new()
            {
                SparseKeys = Keys(call.Inputs[2]),
                DenseKeys = Keys(call.Inputs[3]),
                RaggedKeys = Keys(call.Inputs[4]),
                SparseTypes = sparseTypes,
                DenseShapes = denseShapes,
                Defaults = defaults,
                Names = call.Inputs[1],
                RaggedTypes = Types(node, "ragged_value_types"),
                SplitTypes = Types(node, "ragged_split_types"),
            },
        };
        bool fits = plan.SparseKeys.Length == sparseTypes.Length && plan.DenseKeys.Length == dense && plan.RaggedKeys.Length == plan.RaggedTypes.Length && plan.RaggedTypes.Length == plan.SplitTypes.Length;
        return fits ? plan : throw Refuse.Invalid("the numbers of keys, types and shapes of the features differ");
    }

    /// <summary>The name of an example, for messages.</summary>
    public string NameOf(int example) => Names is { Type: DataType.String } names && example < names.ElementCount ? Strings.Text(names.Strings[example]) : "<unknown>";

    /// <summary>A feature of an example, or null.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: it is of another type.</exception>
    public ValueList? Find(Example example, int row, string key, DataType type)
    {
        ValueList? found = example.Find(key);
        return found is null || found.Type == type
            ? found
            : throw Refuse.Invalid($"Name: {NameOf(row)}, Feature: {key}.  Data types don't match. Expected type: {type.Name()}, Actual type: {found.Type.Name()}");
    }

    private static string[] Keys(Tensor tensor) => tensor.Type != DataType.String ? throw Refuse.Type(tensor.Type, "string") : [.. tensor.Strings.Select(key => Strings.Text(key))];

    private static DataType[] Types(Node node, string name) => [.. List(node, name).Select(item => item is TypeValue type ? type.Value : throw Refuse.Invalid($"attribute '{name}' is no list of types"))];

    private static TensorShape[] Shapes(Node node, string name) => [.. List(node, name).Select(item => item is ShapeValue shape ? shape.Value : throw Refuse.Invalid($"attribute '{name}' is no list of shapes"))];

    private static IEnumerable<AttributeValue> List(Node node, string name) => node.Attributes.TryGetValue(name, out var value) && value is ListValue list ? list.Items : [];
}
