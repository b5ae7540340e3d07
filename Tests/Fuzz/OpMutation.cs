using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Fuzz;

/// <summary>Graphs of one op and its inputs: changed, or made up from the op's definition. Inputs that are fed keep their value in the attribute <c>_fed</c>.</summary>
internal static class OpMutation
{
    private const string Value = "_fed";

    private static readonly long[] Integers = [0, 0, 1, 1, 1, 2, 2, 3, 4, -1, -1, -2, 7, 127, 255, 65535, int.MaxValue, int.MinValue, 1L << 31, 1L << 32, 1L << 40, long.MaxValue, long.MinValue];
    private static readonly double[] Reals = [0, 1, -1, 0.5, 2, -0.25, 6, 1e-30, 1e30, double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0];
    private static readonly string[] Texts = ["SAME", "VALID", "EXPLICIT", "NHWC", "NCHW", "NDHWC", "constant", "REFLECT", "SYMMETRIC", "SCALED", "MIN_COMBINED", "MIN_FIRST", "", "ab,bc->ac", "...a,ab", "abc", "12", "a b  c", "%", "[a-z]+", "\u00e9", "\0"];
    private static readonly DataType[] Types = [DataType.Float, DataType.Float, DataType.Float, DataType.Int32, DataType.Int32, DataType.Int64, DataType.Bool, DataType.String, DataType.UInt8, DataType.Half, DataType.Double, DataType.QUInt8, DataType.QInt8, DataType.QInt32, DataType.BFloat16, DataType.Complex64];

    /// <summary>A copy with one to three changes of attributes, values or shapes.</summary>
    public static Graph Change(Graph graph, Random random)
    {
        Node[] nodes = [.. graph.Nodes];
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            int at = random.Next(2) == 0 ? nodes.Length - 1 : random.Next(nodes.Length);
            nodes[at] = nodes[at].TensorAttribute(Value) is { } fed ? nodes[at].With(Value, Changed(fed, random))
                : nodes[at].TensorAttribute("value") is { } constant ? nodes[at].With("value", Changed(constant, random))
                : Changed(nodes[at], random);
        }
        return graph.WithNodes([.. nodes]);
    }

    /// <summary>A node of an op with inputs of the types that its attributes ask for.</summary>
    public static Graph MakeUp(OpDefinition op, Random random)
    {
        var attributes = op.Attributes.Where(attribute => attribute.Default is null || random.Next(3) == 0).Select(attribute => (attribute.Name, Value: Attribute(attribute, random)));
        var node = new Node("op", op.Name, [], AttributeMap.Of([.. attributes.Where(entry => entry.Value is not null).Select(entry => (entry.Name, entry.Value!))]));
        ImmutableArray<DataType> types;
        try
        {
            types = OpTypes.InputTypes(node, op);
        }
        catch (Transforms.TransformException)
        {
            types = [];
        }
        TensorShape common = Shape(random);
        var inputs = types.Take(64).Select((type, i) => Input($"in_{i}", type.Base(), random.Next(3) > 0 ? common : Shape(random), random)).ToArray();
        return new Graph([.. inputs, node with { Inputs = [.. inputs.Select(input => new NodeInput(input.Name))] }]);
    }

    private static Node Input(string name, DataType type, TensorShape shape, Random random)
    {
        Tensor value = Tensor(type, shape, random);
        return random.Next(2) == 0 ? Node.Constant(name, value) : new Node(name, "Placeholder").With("dtype", type).With(Value, value);
    }

    private static Node Changed(Node node, Random random)
    {
        if (OpTable.Find(node.Op) is not { Attributes.IsEmpty: false } op)
            return node;
        AttributeDefinition attribute = op.Attributes[random.Next(op.Attributes.Length)];
        if (node.Attributes.TryGetValue(attribute.Name, out var old) && old is ListValue { Items: { Length: > 0 } items } && items[0] is IntValue)
            return node.With(attribute.Name, new ListValue(items.SetItem(random.Next(items.Length), Integers[random.Next(Integers.Length)])));
        return Attribute(attribute, random) is { } value ? node.With(attribute.Name, value) : node;
    }

    private static AttributeValue? Attribute(AttributeDefinition attribute, Random random)
    {
        if (attribute.Allowed is ListValue { Items.Length: > 0 } allowed && random.Next(16) > 0)
        {
            bool takesFloat = allowed.Items.Contains(DataType.Float) && random.Next(2) == 0;
            AttributeValue item = takesFloat ? DataType.Float : allowed.Items[random.Next(allowed.Items.Length)];
            return attribute.Kind.StartsWith("list", StringComparison.Ordinal) ? new ListValue([.. Enumerable.Repeat(item, random.Next(1, 4))]) : item;
        }
        return attribute.Kind.StartsWith("list(", StringComparison.Ordinal)
            ? new ListValue([.. Enumerable.Range(0, Count(random)).Select(_ => Single(attribute.Kind[5..^1], random) ?? 0L)])
            : Single(attribute.Kind, random);
    }

    /// <summary>Windows and strides have four or five items.</summary>
    private static int Count(Random random) => random.Next(3) > 0 ? 4 : random.Next(6);

    private static AttributeValue? Single(string kind, Random random) => kind switch
    {
        "int" => random.Next(3) > 0 ? random.Next(1, 4) : Integers[random.Next(Integers.Length)],
        "float" => (float)Reals[random.Next(Reals.Length)],
        "bool" => random.Next(2) == 0,
        "string" => Texts[random.Next(Texts.Length)],
        "type" => Types[random.Next(Types.Length)],
        "shape" => random.Next(4) == 0 ? TensorShape.Of(-1, random.Next(4)) : Shape(random),
        "tensor" => Tensor(Types[random.Next(Types.Length)], Shape(random), random),
        "func" => new FunctionValue("f", AttributeMap.Empty),
        _ => null,
    };

    private static TensorShape Shape(Random random) => TensorShape.Of([.. Enumerable.Range(0, random.Next(6)).Select(_ => (long)(random.Next(12) == 0 ? 0 : random.Next(1, 5)))]);

    private static Tensor Tensor(DataType type, TensorShape shape, Random random)
    {
        if (type == DataType.String)
            return Graphs.Tensor.FromStrings(shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(_ => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]))]);
        byte[] bytes = new byte[shape.ElementCount * type.Size()];
        bool isUnusual = random.Next(4) == 0;
        for (int i = 0; i < bytes.Length; i += Math.Max(1, type.Size()))
            Element(type, isUnusual, random).CopyTo(bytes, i);
        return Graphs.Tensor.FromContent(type, shape, bytes);
    }

    private static byte[] Element(DataType type, bool isUnusual, Random random)
    {
        double real = isUnusual ? Reals[random.Next(Reals.Length)] : (random.NextDouble() * 4) - 2;
        long whole = isUnusual ? Integers[random.Next(Integers.Length)] : random.Next(-1, 5);
        return type switch
        {
            DataType.Float => BitConverter.GetBytes((float)real),
            DataType.Double => BitConverter.GetBytes(real),
            DataType.Half => BitConverter.GetBytes((Half)real),
            DataType.BFloat16 => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits((float)real) >> 16)),
            DataType.Complex64 => [.. BitConverter.GetBytes((float)real), .. BitConverter.GetBytes(1f)],
            DataType.Complex128 => [.. BitConverter.GetBytes(real), .. BitConverter.GetBytes(1d)],
            DataType.Bool => [(byte)(whole & 1)],
            DataType.Int64 or DataType.UInt64 => BitConverter.GetBytes(whole),
            _ => BitConverter.GetBytes(whole)[..type.Size()],
        };
    }

    /// <summary>Another shape of the same elements, another type, or one element or more changed.</summary>
    private static Tensor Changed(Tensor tensor, Random random)
    {
        if (!tensor.IsDecodable || tensor.Type == DataType.String || random.Next(6) == 0)
            return Tensor(tensor.Type.Size() == 0 && tensor.Type != DataType.String ? DataType.Float : tensor.Type, Shape(random), random);
        byte[] bytes = tensor.Bytes.ToArray();
        int size = tensor.Type.Size();
        if (bytes.Length == 0)
            return Tensor(tensor.Type, Shape(random), random);
        for (int count = random.Next(1, 4); count > 0; count--)
            Element(tensor.Type, isUnusual: true, random).CopyTo(bytes, random.Next(bytes.Length / size) * size);
        return Graphs.Tensor.FromContent(tensor.Type, tensor.Shape, bytes);
    }
}
