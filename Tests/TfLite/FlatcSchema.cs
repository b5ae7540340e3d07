using System.Text;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite;

/// <summary>The schema of model files in the language of flatc, made of the fields that this project writes.</summary>
internal static class FlatcSchema
{
    private const string Tables = """
        table Scales { min:[float]; max:[float]; scale:[float]; zero_point:[long]; details_type:ubyte; details:ubyte; quantized_dimension:int; }
        table Tensor { shape:[int]; type:byte; buffer:uint; name:string; quantization:Scales; is_variable:bool; sparsity:Sparsity; shape_signature:[int]; has_rank:bool; }
        table Sparsity { traversal_order:[int]; }
        table OperatorCode { deprecated_builtin_code:byte; custom_code:string; version:int = 1; builtin_code:int; }
        table Operator { opcode_index:uint; inputs:[int]; outputs:[int]; options:Options; custom_options:[ubyte]; custom_options_format:byte; mutating_variable_inputs:[bool]; intermediates:[int]; large_custom_options_offset:ulong; large_custom_options_size:ulong; more_options:MoreOptions; }
        table SubGraph { tensors:[Tensor]; inputs:[int]; outputs:[int]; operators:[Operator]; name:string; }
        table Buffer { data:[ubyte]; }
        table Metadata { name:string; buffer:uint; }
        table TensorMap { name:string; tensor_index:uint; }
        table Signature { inputs:[TensorMap]; outputs:[TensorMap]; key:string; unused:string; subgraph_index:uint; }
        table Model { version:uint; operator_codes:[OperatorCode]; subgraphs:[SubGraph]; description:string; buffers:[Buffer]; metadata_buffer:[int]; metadata:[Metadata]; signature_defs:[Signature]; }
        root_type Model;
        file_identifier "TFL3";
        file_extension "tflite";
        """;

    /// <summary>The text.</summary>
    public static string Text()
    {
        var text = new StringBuilder();
        AddUnion(text, "Options", [.. OperatorSchema.All.Where(schema => !schema.UsesSecondUnion)]);
        AddUnion(text, "MoreOptions", [.. OperatorSchema.All.Where(schema => schema.UsesSecondUnion)]);
        return text.Append(Tables).ToString();
    }

    /// <summary>A table for each number of a union, and the union.</summary>
    private static void AddUnion(StringBuilder text, string name, OperatorSchema[] schemas)
    {
        OperatorSchema[] known = [.. schemas.Where(schema => schema.OptionsType > 0).DistinctBy(schema => schema.OptionsType).OrderBy(schema => schema.OptionsType)];
        foreach (OperatorSchema schema in known)
            text.AppendLine($"table {name}_{schema.OptionsType} {{ {string.Concat(schema.Fields.Select((field, i) => $"{(field.Kind == FieldKind.Unused ? $"unused{i}" : field.Name)}:{TypeOf(field)}; "))}}}");
        text.AppendLine($"union {name} {{ {string.Join(", ", known.Select(schema => $"{name}_{schema.OptionsType} = {schema.OptionsType}"))} }}");
    }

    private static string TypeOf(OptionField field) => field.Kind switch
    {
        FieldKind.Bool => field.Default == 0 ? "bool" : "bool = true",
        FieldKind.Byte => FormattableString.Invariant($"byte = {field.Default}"),
        FieldKind.Int => FormattableString.Invariant($"int = {field.Default}"),
        FieldKind.Long => FormattableString.Invariant($"long = {field.Default}"),
        FieldKind.Float => "float",
        FieldKind.Text => "string",
        FieldKind.Ints => "[int]",
        FieldKind.Longs => "[long]",
        FieldKind.Floats => "[float]",
        FieldKind.Bytes => "[ubyte]",
        _ => "byte",
    };
}
