using System.Buffers.Binary;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>
/// Encodes the few x64 instructions that an 8-bit tile kernel is made of. Formats: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapters 2.1 (legacy
/// prefixes, REX, ModRM, SIB) and 2.7 (EVEX). Memory operands have 32-bit displacements, which EVEX does not scale.
/// </summary>
internal sealed class EvexEncoder
{
    private const int MemoryWithDisplacement = 0x80;
    private const int RegisterOperand = 0xC0;
    private const int IndexFollows = 4;
    private const int NoIndex = 0x24;
    private const int Map0F = 1;
    private const int Map0F38 = 2;
    private const int Map0F3A = 3;
    private const int FullLength = 2;
    private const int NoPrefix = 0;
    private const int Prefix66 = 1;
    private const int PrefixF3 = 2;
    private const int PrefixF2 = 3;

    private readonly List<byte> code = [];

    /// <summary>General registers by their number in encodings.</summary>
    internal enum Register
    {
        Rax = 0,
        Rcx = 1,
        Rdx = 2,
        Rbx = 3,
        Rbp = 5,
        Rsi = 6,
        Rdi = 7,
        R8 = 8,
        R9 = 9,
        R10 = 10,
        R11 = 11,
        R12 = 12,
        R13 = 13,
        R14 = 14,
        R15 = 15,
    }

    /// <summary>Length of the vectors of all instructions that do not say otherwise: 128, 256 or 512 bits are 0, 1 and 2.</summary>
    public int Length { get; init; } = FullLength;

    /// <summary>Where the next instruction goes; a target of jumps.</summary>
    public int Position => code.Count;

    public byte[] ToArray() => [.. code];

    /// <summary><c>push register</c></summary>
    public void Push(Register register) => Short(register, 0x50);

    /// <summary><c>pop register</c></summary>
    public void Pop(Register register) => Short(register, 0x58);

    /// <summary><c>mov target, qword [from + displacement]</c></summary>
    public void Load(Register target, Register from, int displacement) => General(0x8B, (int)target, from, displacement);

    /// <summary><c>mov qword [to + displacement], source</c>, which leaves the flags.</summary>
    public void Store(Register source, Register to, int displacement) => General(0x89, (int)source, to, displacement);

    /// <summary><c>movsxd target, dword [from + displacement]</c></summary>
    public void LoadSigned32(Register target, Register from, int displacement) => General(0x63, (int)target, from, displacement);

    /// <summary><c>mov target, source</c></summary>
    public void Move(Register target, Register source) => General(0x89, (int)source, target);

    /// <summary><c>add target, source</c></summary>
    public void Add(Register target, Register source) => General(0x01, (int)source, target);

    /// <summary><c>add target, value</c></summary>
    public void Add(Register target, int value)
    {
        General(0x81, 0, target);
        Append(value);
    }

    /// <summary><c>prefetcht1 [from]</c></summary>
    public void Prefetch(Register from)
    {
        const int level = 2;
        code.AddRange([(byte)(0x40 | ((int)from >> 3)), 0x0F, 0x18]);
        Address(level, from, 0);
    }

    /// <summary><c>sub target, source</c></summary>
    public void Subtract(Register target, Register source) => General(0x29, (int)source, target);

    /// <summary><c>neg target</c></summary>
    public void Negate(Register target) => General(0xF7, 3, target);

    /// <summary><c>dec target</c></summary>
    public void Decrement(Register target) => General(0xFF, 1, target);

    /// <summary><c>shl target, count</c></summary>
    public void ShiftLeft(Register target, byte count)
    {
        General(0xC1, 4, target);
        code.Add(count);
    }

    /// <summary><c>jnz target</c></summary>
    public void JumpIfNotZero(int target)
    {
        code.AddRange([0x0F, 0x85]);
        Append(target - (Position + sizeof(int)));
    }

    /// <summary><c>ret</c></summary>
    public void Return() => code.Add(0xC3);

    /// <summary><c>vzeroupper</c></summary>
    public void ClearUpperVectors() => code.AddRange([0xC5, 0xF8, 0x77]);

    /// <summary><c>vmovdqu32 zmm, [from + displacement]</c></summary>
    public void LoadVector(int vector, Register from, int displacement) => VectorMemory(Map0F, PrefixF3, 0x6F, vector, from, displacement);

    /// <summary><c>vmovdqu32 zmm, [from + index]</c></summary>
    public void LoadVector(int vector, Register from, Register index)
    {
        Evex(Map0F, PrefixF3, 0x6F, vector, 0, (int)from, (int)index);
        code.Add((byte)(MemoryWithDisplacement | ((vector & 7) << 3) | IndexFollows));
        code.Add((byte)((((int)index & 7) << 3) | ((int)from & 7)));
        Append(0);
    }

    /// <summary><c>vmovdqu32 [to + displacement], zmm</c></summary>
    public void StoreVector(int vector, Register to, int displacement) => VectorMemory(Map0F, PrefixF3, 0x7F, vector, to, displacement);

    /// <summary><c>vpbroadcastd zmm, dword [from + index]</c></summary>
    public void Broadcast32(int vector, Register from, Register index)
    {
        Evex(Map0F38, Prefix66, 0x58, vector, 0, (int)from, (int)index);
        code.Add((byte)(MemoryWithDisplacement | ((vector & 7) << 3) | IndexFollows));
        code.Add((byte)((((int)index & 7) << 3) | ((int)from & 7)));
        Append(0);
    }

    /// <summary><c>vbroadcastss zmm, dword [from + displacement]</c></summary>
    public void BroadcastFloat(int vector, Register from, int displacement) => VectorMemory(Map0F38, Prefix66, 0x18, vector, from, displacement);

    /// <summary><c>vpmovzxbd zmm, [from + displacement]</c>: 16 bytes, each in 32 bits.</summary>
    public void LoadWidened(int vector, Register from, int displacement) => VectorMemory(Map0F38, Prefix66, 0x31, vector, from, displacement);

    /// <summary><c>vmovdqu32 [to + displacement], xmm, ymm or zmm</c>: the first 1, 2 or 4 quarters of a vector.</summary>
    public void StoreQuarters(int vector, int quarters, Register to, int displacement)
    {
        Evex(Map0F, PrefixF3, 0x7F, vector, 0, (int)to, 0, quarters >> 1);
        Address(vector, to, displacement);
    }

    /// <summary><c>vextracti32x4 [to + displacement], zmm, quarter</c></summary>
    public void StoreQuarter(int vector, byte quarter, Register to, int displacement)
    {
        VectorMemory(Map0F3A, Prefix66, 0x39, vector, to, displacement);
        code.Add(quarter);
    }

    /// <summary><c>vpackssdw target, first, second</c></summary>
    public void PackIntegers(int target, int first, int second) => Vectors(Prefix66, 0x6B, target, first, second);

    /// <summary><c>vpacksswb</c> or <c>vpackuswb target, first, second</c></summary>
    public void PackShorts(int target, int first, int second, bool isSigned) => Vectors(Prefix66, isSigned ? 0x63 : 0x67, target, first, second);

    /// <summary><c>vpermd target, order, source</c></summary>
    public void Permute(int target, int order, int source)
    {
        Evex(Map0F38, Prefix66, 0x36, target, order, source, source >> 1);
        code.Add((byte)(RegisterOperand | ((target & 7) << 3) | (source & 7)));
    }

    /// <summary><c>vdpbf16ps sums, first, second</c>: adds the products of two bfloat16 pairs each, the upper first, to floats.</summary>
    public void DotProductOfBFloat16(int sums, int first, int second)
    {
        Evex(Map0F38, PrefixF3, 0x52, sums, first, second, second >> 1);
        code.Add((byte)(RegisterOperand | ((sums & 7) << 3) | (second & 7)));
    }

    /// <summary><c>vcvtne2ps2bf16 target, upper, [lower + displacement]</c>: floats rounded to bfloat16, 32 of them in a vector.</summary>
    public void RoundToBFloat16(int target, int upper, Register lower, int displacement)
    {
        Evex(Map0F38, PrefixF2, 0x72, target, upper, (int)lower, 0);
        Address(target, lower, displacement);
    }

    /// <summary><c>vaddps target, target, [from + displacement]</c></summary>
    public void AddFloats(int target, Register from, int displacement)
    {
        Evex(Map0F, NoPrefix, 0x58, target, target, (int)from, 0);
        Address(target, from, displacement);
    }

    /// <summary><c>vpunpcklbw</c> or <c>vpunpckhbw target, first, second</c>: bytes of the lower or upper half of each quarter by turns.</summary>
    public void InterleaveBytes(int target, int first, int second, bool ofUpper) => Vectors(Prefix66, ofUpper ? 0x68 : 0x60, target, first, second);

    /// <summary><c>vpunpcklwd</c> or <c>vpunpckhwd target, first, second</c>: the same of 16 bits.</summary>
    public void InterleaveShorts(int target, int first, int second, bool ofUpper) => Vectors(Prefix66, ofUpper ? 0x69 : 0x61, target, first, second);

    /// <summary><c>vpxord vector, vector, vector</c></summary>
    public void Clear(int vector) => Vectors(Prefix66, 0xEF, vector, vector, vector);

    /// <summary><c>vcvtdq2ps zmm, zmm</c></summary>
    public void ToFloats(int vector) => Vectors(NoPrefix, 0x5B, vector, 0, vector);

    /// <summary><c>vcvtps2dq zmm, zmm</c></summary>
    public void ToIntegers(int vector) => Vectors(Prefix66, 0x5B, vector, 0, vector);

    /// <summary><c>vmulps target, target, factor</c></summary>
    public void Multiply(int target, int factor) => Vectors(NoPrefix, 0x59, target, target, factor);

    /// <summary><c>vmulps target, target, [from + displacement]</c></summary>
    public void Multiply(int target, Register from, int displacement)
    {
        Evex(Map0F, NoPrefix, 0x59, target, target, (int)from, 0);
        Address(target, from, displacement);
    }

    /// <summary><c>vaddps target, target, term</c></summary>
    public void AddFloats(int target, int term) => Vectors(NoPrefix, 0x58, target, target, term);

    /// <summary><c>vmaxps target, bound, target</c>, which lets what is not a number pass.</summary>
    public void AtLeast(int target, int bound) => Vectors(NoPrefix, 0x5F, target, bound, target);

    /// <summary><c>vminps target, bound, target</c>, which lets what is not a number pass.</summary>
    public void AtMost(int target, int bound) => Vectors(NoPrefix, 0x5D, target, bound, target);

    /// <summary><c>vpdpbusd accumulators, unsigned, signed</c>: adds the dot products of four bytes each to 32-bit accumulators.</summary>
    public void DotProduct(int sums, int unsigned, int signed)
    {
        Evex(Map0F38, Prefix66, 0x50, sums, unsigned, signed, signed >> 1);
        code.Add((byte)(RegisterOperand | ((sums & 7) << 3) | (signed & 7)));
    }

    /// <summary><c>vpdpwssd accumulators, first, second</c>: adds the dot products of two signed 16-bit numbers each to 32-bit accumulators.</summary>
    public void DotProductOfShorts(int sums, int first, int second)
    {
        Evex(Map0F38, Prefix66, 0x52, sums, first, second, second >> 1);
        code.Add((byte)(RegisterOperand | ((sums & 7) << 3) | (second & 7)));
    }

    /// <summary>An instruction of three vectors, or of two when the second is 0.</summary>
    private void Vectors(int prefix, int opcode, int target, int second, int third)
    {
        Evex(Map0F, prefix, opcode, target, second, third, third >> 1);
        code.Add((byte)(RegisterOperand | ((target & 7) << 3) | (third & 7)));
    }

    private void VectorMemory(int map, int prefix, int opcode, int vector, Register address, int displacement)
    {
        Evex(map, prefix, opcode, vector, 0, (int)address, 0);
        Address(vector, address, displacement);
    }

    /// <summary>The EVEX prefix of an instruction without masking, and the opcode. Of the operand in ModRM, bit 3 of its number is in B, that of an index, or bit 4 of a vector's number, in X.</summary>
    private void Evex(int map, int prefix, int opcode, int register, int second, int operand, int index, int? length = null)
    {
        int r = ~register >> 3 & 1;
        int x = ~index >> 3 & 1;
        int b = ~operand >> 3 & 1;
        int r4 = ~register >> 4 & 1;
        int v4 = ~second >> 4 & 1;
        code.AddRange([0x62, (byte)((r << 7) | (x << 6) | (b << 5) | (r4 << 4) | map), (byte)(((~second & 15) << 3) | 4 | prefix), (byte)(((length ?? Length) << 5) | (v4 << 3)), (byte)opcode]);
    }

    /// <summary>A 64-bit instruction with one register, or an opcode extension, and a memory operand.</summary>
    private void General(byte opcode, int register, Register address, int displacement)
    {
        Rex(register, address);
        code.Add(opcode);
        Address(register, address, displacement);
    }

    /// <summary>A 64-bit instruction with one register, or an opcode extension, and a register operand.</summary>
    private void General(byte opcode, int register, Register operand)
    {
        Rex(register, operand);
        code.Add(opcode);
        code.Add((byte)(RegisterOperand | ((register & 7) << 3) | ((int)operand & 7)));
    }

    private void Short(Register register, byte opcode)
    {
        if ((int)register > 7)
            code.Add(0x41);
        code.Add((byte)(opcode | ((int)register & 7)));
    }

    private void Rex(int register, Register operand) => code.Add((byte)(0x48 | ((register >> 3) << 2) | ((int)operand >> 3)));

    private void Address(int register, Register address, int displacement)
    {
        code.Add((byte)(MemoryWithDisplacement | ((register & 7) << 3) | ((int)address & 7)));
        if (((int)address & 7) == IndexFollows)
            code.Add(NoIndex);
        Append(displacement);
    }

    private void Append(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        code.AddRange(bytes);
    }
}
