using System.Collections.Immutable;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>OpDef</c>.</summary>
public static class OpDefinitionWire
{
    public static OpDefinition Read(WireReader reader)
    {
        var op = new OpDefinition("", [], [], []);
        var inputs = ImmutableArray.CreateBuilder<ArgumentDefinition>();
        var outputs = ImmutableArray.CreateBuilder<ArgumentDefinition>();
        var attributes = ImmutableArray.CreateBuilder<AttributeDefinition>();
        var controls = ImmutableArray.CreateBuilder<string>();
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    op = op with { Name = reader.String() };
                    break;
                case (2, WireType.Bytes):
                    inputs.Add(ArgumentWire.Read(reader.Message()));
                    break;
                case (3, WireType.Bytes):
                    outputs.Add(ArgumentWire.Read(reader.Message()));
                    break;
                case (4, WireType.Bytes):
                    attributes.Add(AttributeDefinitionWire.Read(reader.Message()));
                    break;
                case (5, WireType.Bytes):
                    op = op with { Summary = reader.String() };
                    break;
                case (6, WireType.Bytes):
                    op = op with { Description = reader.String() };
                    break;
                case (20, WireType.Bytes):
                    controls.Add(reader.String());
                    break;
                case ( >= 16 and <= 19, WireType.Varint):
                    op = WithFlag(op, reader.Field, reader.Varint() != 0);
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        return op with
        {
            Inputs = inputs.DrainToImmutable(),
            Outputs = outputs.DrainToImmutable(),
            Attributes = attributes.DrainToImmutable(),
            ControlOutputs = controls.DrainToImmutable(),
            UnknownFields = unknown.UnknownFields,
        };
    }

    public static long Size(OpDefinition op) =>
        WireSize.String(1, op.Name)
        + op.Inputs.Sum(argument => WireSize.Delimited(2, ArgumentWire.Size(argument)))
        + op.Outputs.Sum(argument => WireSize.Delimited(3, ArgumentWire.Size(argument)))
        + op.Attributes.Sum(attribute => WireSize.Delimited(4, AttributeDefinitionWire.Size(attribute)))
        + WireSize.String(5, op.Summary) + WireSize.String(6, op.Description)
        + WireSize.Flag(16, op.IsAggregate) + WireSize.Flag(17, op.IsStateful)
        + WireSize.Flag(18, op.IsCommutative) + WireSize.Flag(19, op.AllowsUninitializedInput)
        + op.ControlOutputs.Sum(name => WireSize.Delimited(20, Encoding.UTF8.GetByteCount(name)))
        + op.UnknownFields.Bytes.Length;

    public static void Write(OpDefinition op, WireWriter writer)
    {
        writer.String(1, op.Name);
        WriteArguments(2, op.Inputs, writer);
        WriteArguments(3, op.Outputs, writer);
        foreach (AttributeDefinition attribute in op.Attributes)
        {
            writer.Delimiter(4, AttributeDefinitionWire.Size(attribute));
            AttributeDefinitionWire.Write(attribute, writer);
        }
        writer.String(5, op.Summary);
        writer.String(6, op.Description);
        writer.Flag(16, op.IsAggregate);
        writer.Flag(17, op.IsStateful);
        writer.Flag(18, op.IsCommutative);
        writer.Flag(19, op.AllowsUninitializedInput);
        foreach (string name in op.ControlOutputs)
            writer.Text(20, name);
        writer.Raw(op.UnknownFields.Bytes);
    }

    private static OpDefinition WithFlag(OpDefinition op, int field, bool value) => field switch
    {
        16 => op with { IsAggregate = value },
        17 => op with { IsStateful = value },
        18 => op with { IsCommutative = value },
        _ => op with { AllowsUninitializedInput = value },
    };

    private static void WriteArguments(int field, ImmutableArray<ArgumentDefinition> arguments, WireWriter writer)
    {
        foreach (ArgumentDefinition argument in arguments)
        {
            writer.Delimiter(field, ArgumentWire.Size(argument));
            ArgumentWire.Write(argument, writer);
        }
    }
}
