using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>A node as its converter writes it, and the subgraph that the converter adds operators to.</summary>
internal sealed class NodeWriter(SubgraphWriter subgraph, Node node)
{
    /// <summary>Operators whose first input is real or quantized.</summary>
    private static readonly HashSet<string> RealOperators = new(StringComparer.Ordinal)
    {
        "AVERAGE_POOL_2D", "MAX_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "CONV_3D", "FULLY_CONNECTED", "BATCH_MATMUL", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "ELU",
        "LOGISTIC", "TANH", "SOFTMAX", "LOG_SOFTMAX", "LEAKY_RELU", "SQRT", "RSQRT", "EXP", "LOG", "SIN", "COS", "CEIL", "FLOOR", "ROUND", "LOCAL_RESPONSE_NORMALIZATION",
    };

    /// <summary>Types that the kernels of an operator lack.</summary>
    private static readonly Dictionary<string, TensorType[]> MissingTypes = new(StringComparer.Ordinal)
    {
        ["PACK"] = [TensorType.Bool],
        ["SPLIT"] = [TensorType.Bool],
        ["PAD"] = [TensorType.Bool],
        ["MIRROR_PAD"] = [TensorType.Bool],
        ["ZEROS_LIKE"] = [TensorType.Bool, TensorType.UInt8, TensorType.Int16],
        ["FILL"] = [TensorType.UInt8],
        ["CUMSUM"] = [TensorType.UInt8, TensorType.Int16],
        ["ARG_MAX"] = [TensorType.Int64],
        ["ARG_MIN"] = [TensorType.Int64],
        ["UNPACK"] = [TensorType.Int64],
        ["ADD_N"] = [TensorType.Int8, TensorType.UInt8, TensorType.Int16, TensorType.Int64],
        ["SPACE_TO_DEPTH"] = [TensorType.Bool],
        ["DEPTH_TO_SPACE"] = [TensorType.Bool],
        ["DYNAMIC_UPDATE_SLICE"] = [TensorType.UInt8, TensorType.Int16, TensorType.String],
    };

    /// <summary>Operators whose result is of another type than what they compare.</summary>
    private static readonly HashSet<string> Comparing = new(StringComparer.Ordinal)
    {
        "EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "ARG_MAX", "ARG_MIN", "WHERE",
    };

    private readonly List<(TensorDraft Tensor, string Operator)> made = [];
    private readonly ImmutableArray<NodeInput> inputs = [.. node.DataInputs];

    /// <summary>The node with all default attributes.</summary>
    public Node Node => node;

    public SubgraphWriter Subgraph => subgraph;

    /// <summary>A whole number of the node; one that goes beyond 32 bits is declined.</summary>
    public int Int(string attribute, long? otherwise = null)
    {
        long value = otherwise is { } number ? node.Long(attribute, number) : node.Long(attribute);
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Decline($"{attribute} {value} goes beyond 32 bits");
    }

    /// <summary>A size of a window, or a step of one; what is not positive or goes beyond 32 bits is declined.</summary>
    /// <param name="value">The size.</param>
    /// <param name="attribute">What it is of, for the message.</param>
    public int Size(long value, string attribute) => value is > 0 and <= int.MaxValue ? (int)value : throw Decline($"{attribute} must be positive 32-bit numbers, one is {value}");

    public int InputCount => inputs.Length;

    /// <summary>What an input reads.</summary>
    public NodeInput Reference(int input) => input < inputs.Length ? inputs[input] : throw Decline($"input {input} is missing");

    /// <summary>The tensor of an input.</summary>
    public TensorDraft In(int input) => subgraph.Read(Reference(input), node);

    /// <summary>The contents of a constant input, or null.</summary>
    public Tensor? Constant(int input) => In(input).Constant;

    /// <summary>The contents of an input that must be constant.</summary>
    public Tensor Required(int input) => Constant(input) ?? throw Decline($"input {input} must be a constant");

    /// <summary>The integers of an input that are known before the run, or null.</summary>
    public long[]? Integers(int input) => In(input).Known is [{ } one, { } two] && one.ContentEquals(two) ? ShapeRules.Integers(one) : null;

    /// <summary>The integers of an input that must be known.</summary>
    public long[] RequiredIntegers(int input) => Integers(input) ?? throw Decline($"input {input} must be known before the run");

    /// <summary>An input that the format wants as int32: shapes, axes, sizes.</summary>
    public TensorDraft Int32(int input)
    {
        TensorDraft tensor = In(input);
        if (Integers(input) is { } known)
            return tensor.Constant is not null && tensor.Type == TensorType.Int32 ? tensor : Int32Constant(known, tensor.Shape);
        return tensor.Type == TensorType.Int32 ? tensor : WithKnown(Emit("CAST", [tensor], TensorType.Int32, ("in_data_type", (int)tensor.Type), ("out_data_type", (int)TensorType.Int32)), tensor);
    }

    /// <summary>A constant of int32.</summary>
    public TensorDraft Int32Constant(long[] values, int[]? shape = null) =>
        Constant(Tensor.Create<int>(DataType.Int32, TensorShape.Of([.. (shape ?? [values.Length]).Select(size => (long)size)]), [.. values.Select(value => checked((int)value))]));

    public TensorDraft Constant(float value) => Constant(Tensor.Scalar(value));

    /// <summary>A constant; equal ones are one tensor.</summary>
    public TensorDraft Constant(Tensor tensor, TfLiteQuantization? quantization = null, string name = "") => subgraph.Constant(tensor, quantization, name.Length > 0 ? name : node.Name + "/const");

    /// <summary>Adds an operator of one output of the first input's type, and infers its shape.</summary>
    public TensorDraft Emit(string op, List<TensorDraft?> operands, params ReadOnlySpan<(string, object)> options) => Emit(op, operands, operands.First(operand => operand is not null)!.Type, options);

    /// <summary>Adds an operator of one output.</summary>
    public TensorDraft Emit(string op, List<TensorDraft?> operands, TensorType type, params ReadOnlySpan<(string, object)> options) => EmitMany(op, operands, [type], options)[0];

    /// <summary>Adds an operator of several outputs.</summary>
    public List<TensorDraft> EmitMany(string op, List<TensorDraft?> operands, TensorType[] types, params ReadOnlySpan<(string, object)> options)
    {
        CheckType(op, operands);
        OperatorSchema schema = OperatorSchema.Of(op);
        OptionValues values = OptionValues.Of(schema, options);
        List<TensorDraft> outputs = [.. types.Select(type => new TensorDraft("", type))];
        Infer(op, operands, values, outputs);
        subgraph.Draft.Operators.Add(new(schema, operands, outputs, values));
        made.AddRange(outputs.Select(output => (output, op)));
        return outputs;
    }

    /// <summary>Defines an output of the node.</summary>
    public void Out(TensorDraft tensor, int port = 0)
    {
        if (tensor.Type is TensorType.Float64 or TensorType.Complex128 or TensorType.UInt64 or TensorType.UInt16 or TensorType.BFloat16 or TensorType.Variant && tensor.Constant is null)
            throw Decline($"TensorFlow Lite does not compute {tensor.Type.Name()}", "Cast it to float or int32 before.");
        if (tensor is { Type: TensorType.Float16, Constant: null, IsInput: false } && node.Op is not ("Cast" or "Identity" or "IdentityN" or "PartitionedCall" or "StatefulPartitionedCall"))
            throw Decline("TensorFlow Lite does not compute half", "Cast it to float before.");
        if (tensor.Name.Length == 0)
            tensor.Name = NodeInput.Data(node.Name, port).Text;
        subgraph.Define(NodeInput.Data(node.Name, port), tensor);
    }

    /// <summary>Names what the node's converter made and did not name.</summary>
    public void Finish()
    {
        foreach (var (tensor, op) in made.Where(entry => entry.Tensor.Name.Length == 0))
            tensor.Name = $"{node.Name}/{op}";
    }

    /// <summary>Refuses the node.</summary>
    public ModelFormatException Decline(string why, string? suggestion = null) => TfLiteDiagnostics.Unwritable($"node '{node.Name}' ({node.Op}): {why}",
        suggestion ?? $"Cut the graph before it (--outputs={(inputs.IsEmpty ? node.Name : NodeInput.Data(inputs[0].Node, inputs[0].Port).Text)}), or transform the graph so that it is gone.");

    /// <summary>Refuses integers where interpreters have a kernel for real and quantized values only.</summary>
    private void CheckType(string op, List<TensorDraft?> operands)
    {
        if (operands.Find(operand => operand is not null) is not { Type: var type })
            return;
        bool isInteger = type is TensorType.Int32 or TensorType.Int64 or TensorType.Bool or TensorType.String || (type is TensorType.UInt8 && op is not ("MAX_POOL_2D" or "RESIZE_NEAREST_NEIGHBOR"));
        if (isInteger && RealOperators.Contains(op))
            throw Decline($"{op} does not compute {type.Name()}", "Cast it to float before.");
        if (type is TensorType.Float64 or TensorType.Float16 && Comparing.Contains(op))
            throw Decline($"{op} does not take {type.Name()}", "Cast it to float before.");
        if (op is "ADD" or "SUB" or "MUL" or "DIV" && operands.Exists(operand => operand is { Type: TensorType.Float16, Constant: null }))
            throw Decline($"{op} does not take half", "Cast it to float before.");
        TensorType moved = op == "SPLIT" ? operands[1]!.Type : op == "FILL" ? operands[1]!.Type : type;
        if (MissingTypes.TryGetValue(op, out TensorType[]? missing) && missing.Contains(moved))
            throw Decline($"{op} does not take {moved.Name()}", "Cast it to int32 before.");
    }

    private static TensorDraft WithKnown(TensorDraft result, TensorDraft source)
    {
        result.Known = [.. source.Known.Select(known => known is null || ShapeRules.Integers(known) is not { } values ? null : Tensor.Create<int>(DataType.Int32, known.Shape, [.. values.Select(value => (int)value)]))];
        return result;
    }

    private void Infer(string op, List<TensorDraft?> operands, OptionValues options, List<TensorDraft> outputs)
    {
        for (int world = 0; world < 2; world++)
        {
            int[][] shapes;
            try
            {
                shapes = ShapeRules.Infer(op, operands, options, outputs.Count, world);
            }
            catch (Exception error) when (error is IndexOutOfRangeException or ArgumentOutOfRangeException or NullReferenceException or DivideByZeroException or InvalidOperationException)
            {
                throw Decline($"the shapes of its inputs do not fit {op}");
            }
            catch (ModelFormatException error)
            {
                throw Decline(error.Message, error.Suggestion);
            }
            for (int i = 0; i < outputs.Count; i++)
            {
                if (world == 0)
                    outputs[i].Shapes = [shapes[Math.Min(i, shapes.Length - 1)], []];
                else
                    outputs[i].Shapes[1] = shapes[Math.Min(i, shapes.Length - 1)].Length == outputs[i].Shapes[0].Length ? shapes[Math.Min(i, shapes.Length - 1)] : outputs[i].Shapes[0];
            }
        }
    }
}
