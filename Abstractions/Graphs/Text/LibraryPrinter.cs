namespace TransformFramework.Graphs.Text;

/// <summary>Writes the function library: a function is its signature, a line a part, and its body.</summary>
internal sealed class LibraryPrinter(TextWriter output, ValuePrinter values, Action<Node> writeNode)
{
    public void Write(FunctionLibrary library)
    {
        foreach (FunctionDefinition function in library.Functions)
            Write(function);
        foreach (FunctionGradient gradient in library.Gradients)
        {
            Keyword("gradient", gradient.FunctionName);
            output.Write(" = ");
            values.Name(gradient.GradientFunction);
            EndLine(gradient.UnknownFields);
        }
        if (library.UnknownFields.IsEmpty)
            return;
        output.Write("library");
        EndLine(library.UnknownFields);
    }

    private void Write(FunctionDefinition function)
    {
        Keyword("function", function.Signature.Name);
        output.Write(" {\n");
        WriteSignature(function.Signature);
        if (function.Attributes.Count > 0)
        {
            output.Write("  with ");
            values.Map(function.Attributes);
            output.Write('\n');
        }
        foreach (Node node in function.Nodes)
        {
            output.Write("  ");
            writeNode(node);
            output.Write('\n');
        }
        WriteReturns("  return", function.Returns);
        WriteReturns("  control_return", function.ControlReturns);
        output.Write('}');
        EndLine(function.UnknownFields);
    }

    private void WriteSignature(OpDefinition signature)
    {
        AttributeMap flags = Present(
            ("summary", signature.Summary),
            ("description", signature.Description),
            ("control_outputs", signature.ControlOutputs.IsEmpty ? null : AttributeValue.Strings(signature.ControlOutputs.AsSpan())),
            ("is_stateful", Flag(signature.IsStateful)),
            ("is_commutative", Flag(signature.IsCommutative)),
            ("is_aggregate", Flag(signature.IsAggregate)),
            ("allows_uninitialized_input", Flag(signature.AllowsUninitializedInput)));
        if (flags.Count > 0 || !signature.UnknownFields.IsEmpty)
        {
            output.Write("  signature");
            Fields(flags, signature.UnknownFields);
        }
        foreach (ArgumentDefinition argument in signature.Inputs)
            Write("  input", argument);
        foreach (ArgumentDefinition argument in signature.Outputs)
            Write("  output", argument);
        foreach (AttributeDefinition attribute in signature.Attributes)
            Write(attribute);
    }

    private void Write(string keyword, ArgumentDefinition argument)
    {
        Keyword(keyword, argument.Name);
        Fields(
            Present(
                ("type", argument.Type == DataType.Invalid ? null : argument.Type),
                ("type_attr", argument.TypeAttribute),
                ("number_attr", argument.NumberAttribute),
                ("type_list_attr", argument.TypeListAttribute),
                ("description", argument.Description),
                ("is_ref", Flag(argument.IsReference))),
            argument.UnknownFields);
    }

    private void Write(AttributeDefinition attribute)
    {
        Keyword("  attribute", attribute.Name);
        Fields(
            Present(
                ("type", attribute.Kind),
                ("default", attribute.Default),
                ("description", attribute.Description),
                ("minimum", attribute.Minimum is { } minimum ? minimum : null),
                ("allowed", attribute.Allowed)),
            attribute.UnknownFields);
    }

    private void WriteReturns(string keyword, IEnumerable<KeyValuePair<string, string>> entries)
    {
        foreach (var (name, tensor) in entries)
        {
            Keyword(keyword, name);
            output.Write(" = ");
            values.Input(tensor);
            output.Write('\n');
        }
    }

    private static AttributeValue? Flag(bool value) => value ? value : null;

    private static AttributeMap Present(params ReadOnlySpan<(string Name, AttributeValue? Value)> fields)
    {
        var map = AttributeMap.Empty;
        foreach (var (name, value) in fields)
        {
            bool isEmptyText = value is BytesValue { Bytes.IsEmpty: true } && name is not ("default" or "allowed");
            if (value is not null && !isEmptyText)
                map = map.With(name, value);
        }
        return map;
    }

    private void Keyword(string keyword, string name)
    {
        output.Write(keyword);
        output.Write(' ');
        values.Name(name);
    }

    private void Fields(AttributeMap fields, UnknownFields unknown)
    {
        if (fields.Count > 0)
        {
            output.Write(' ');
            values.Map(fields);
        }
        EndLine(unknown);
    }

    private void EndLine(UnknownFields unknown)
    {
        values.Unknown(unknown);
        output.Write('\n');
    }
}
