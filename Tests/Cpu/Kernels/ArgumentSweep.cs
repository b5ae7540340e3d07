using TransformFramework.Cpu.Kernels.LookupTables;
using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Cpu.Kernels.TensorArrays;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Nodes of an op with attributes and inputs at random: of the declared types or not, of any rank, none left out, or the last.</summary>
internal sealed class ArgumentSweep(OpDefinition op, int seed)
{
    private static readonly DataType[] Types =
    [
        DataType.Float, DataType.Int32, DataType.String, DataType.Int64, DataType.Double, DataType.Bool, DataType.UInt8, DataType.Half, DataType.Complex64, DataType.QUInt8, DataType.QInt32, DataType.Int8,
        DataType.BFloat16, DataType.Complex128, DataType.UInt16,
    ];

    private static readonly long[][] Shapes = [[], [], [], [], [0], [1], [2], [3], [4], [0, 2], [2, 0], [1, 1], [2, 3], [3, 2], [2, 2], [1, 2, 3], [2, 2, 2], [1, 4, 4, 1], [1, 3, 3, 2], [2, 2, 1, 2], [1, 2, 2, 2, 1], [0, 0, 0, 0]];

    private static readonly long[][] Lists = [[], [0], [1], [2, 2], [1, 1, 1, 1], [1, 1, 1, 1], [1, 2, 2, 1], [1, 1, 1, 1, 1], [1, 1, 2, 2, 1], [0, 3, 1, 2], [0, -1, 2]];

    private static readonly string[] Words = ["", "a", "NHWC", "VALID", "1", "é", "abc,a->b", "\xff", "array", "list", "table", "stack"];

    private readonly System.Random random = new(seed);

    /// <summary>What a run keeps under the names that the tensors hold.</summary>
    public static RunState State()
    {
        var state = new RunState();
        TensorShape shape = TensorShape.Of(2);
        var element = Graphs.Tensor.Create<float>(DataType.Float, shape, [1f, 2f]);
        var array = new TensorArray("array", DataType.Float, TensorShape.Unknown, 3, isDynamic: false, clearsAfterRead: false, identicalShapes: false);
        array.Write(0, element);
        state.Set("array", array);
        state.Set("list", new TensorList(DataType.Float, shape, [element, null, element]));
        state.Set("table", new LookupTable(DataType.String, DataType.Int64, isMutable: true));
        state.Set("stack", new Stack<Tensor>([element]));
        Variable.Of(state, "a").Value = element;
        return state;
    }

    /// <summary>A node <c>op</c> that reads <c>x0</c>, <c>x1</c>, …, and the tensors that these represent.</summary>
    public (Node Node, Tensor[] Inputs) Next()
    {
        var attributes = op.Attributes.Where(attribute => attribute.Default is null || random.Next(3) == 0)
            .Aggregate(AttributeMap.Empty, (map, attribute) => map.With(attribute.Name, Attribute(attribute)));
        long[] shared = Pick(Shapes);
        bool isShared = random.Next(3) == 0;
        var inputs = op.Inputs.SelectMany(input => InputTypes(input, attributes)).Select(type => Tensor(type, isShared ? shared : Pick(Shapes))).ToList();
        if (inputs.Count > 0 && random.Next(4) == 0)
            inputs[random.Next(inputs.Count)] = Tensor(Pick(Types), Pick(Shapes));
        if (inputs.Count > 0 && random.Next(8) == 0)
            inputs.RemoveAt(inputs.Count - 1);
        return (new Node("op", op.Name, [.. inputs.Select((_, i) => new NodeInput($"x{i}"))], attributes), [.. inputs]);
    }

    private IEnumerable<DataType> InputTypes(ArgumentDefinition input, AttributeMap attributes)
    {
        if (input.TypeListAttribute.Length > 0)
            return ((ListValue)Value(input.TypeListAttribute, attributes)).Items.Select(item => ((TypeValue)item).Value);
        long count = input.NumberAttribute.Length > 0 ? ((IntValue)Value(input.NumberAttribute, attributes)).Value : 1;
        DataType type = input.TypeAttribute.Length > 0 ? ((TypeValue)Value(input.TypeAttribute, attributes)).Value : input.Type;
        return Enumerable.Repeat(input.IsReference ? DataType.String : type, (int)count);
    }

    private AttributeValue Value(string name, AttributeMap attributes) => attributes.TryGetValue(name, out var value) ? value : op.Attribute(name)!.Default!;

    private AttributeValue Attribute(AttributeDefinition attribute) => attribute.Kind switch
    {
        _ when attribute.Allowed is ListValue allowed && !attribute.Kind.StartsWith("list", StringComparison.Ordinal) => Pick([.. allowed.Items]),
        "int" => Math.Max(random.Next(-1, 4), attribute.Minimum ?? long.MinValue),
        "float" => random.Next(-2, 3) / 2f,
        "bool" => random.Next(2) == 0,
        "string" => Pick(Words),
        "type" => Pick(Types),
        "shape" => random.Next(4) == 0 ? TensorShape.Unknown : TensorShape.Of(Pick(Shapes)),
        "tensor" => Tensor(Pick(Types), Pick(Shapes)),
        "list(int)" => AttributeValue.Ints(Pick(Lists)),
        "func" => new FunctionValue("none", AttributeMap.Empty),
        _ => new ListValue([.. Enumerable.Range(0, Math.Max(random.Next(5), (int)(attribute.Minimum ?? 0))).Select(_ => Element(attribute))]),
    };

    private AttributeValue Element(AttributeDefinition attribute) => attribute.Allowed is ListValue allowed ? Pick([.. allowed.Items]) : Attribute(new(attribute.Name, attribute.Kind[5..^1]));

    private Tensor Tensor(DataType type, long[] dimensions)
    {
        TensorShape shape = TensorShape.Of(dimensions);
        int count = (int)shape.ElementCount;
        if (type.Size() == 0)
            return NodeRun.Words(shape, [.. Enumerable.Range(0, count).Select(_ => Pick(Words))]);
        double[] values = [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(-2, 5))];
        if (type == DataType.Bool)
            return Graphs.Tensor.Create<bool>(type, shape, [.. values.Select(value => value > 0)]);
        if (type is DataType.Complex64 or DataType.Complex128)
            return Graphs.Tensor.FromContent(type, shape, new byte[count * type.Size()]);
        return RealValues.FromDoubles(type, shape, values);
    }

    private T Pick<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
