using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Octant.Models;

/// <summary>What the processor can do, where .NET does not say it: CPUID does (Intel's manual, volume 2A).</summary>
static class Processor
{
    /// <summary>Whether it multiplies bfloat16 in hardware (AMX or AVX512-BF16).</summary>
    public static bool MultipliesBFloat16 { get; } = HasBFloat16();

    /// <summary>
    /// Whether libtorch's oneDNN multiplies float32 twice as fast as its MKL, which on other makers' processors knows AVX2 alone.
    /// </summary>
    public static bool PrefersOneDnn { get; } = Avx512F.IsSupported && !IsIntel();

    /// <summary>As it calls itself.</summary>
    public static string Name { get; } = OwnName();

    static bool HasBFloat16()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7 || !Avx512F.IsSupported) return false;
        var (leaves, _, _, edx) = X86Base.CpuId(7, 0);
        const int amxBFloat16 = 1 << 22, avx512BFloat16 = 1 << 5;
        return (edx & amxBFloat16) != 0 || (leaves >= 1 && (X86Base.CpuId(7, 1).Eax & avx512BFloat16) != 0);
    }

    // "GenuineIntel" begins with these letters.
    static bool IsIntel() => X86Base.CpuId(0, 0).Ebx == 'G' + ('e' << 8) + ('n' << 16) + ('u' << 24);

    // Leaves 0x80000002 to 4.
    static string OwnName()
    {
        const int first = unchecked((int)0x80000002);
        var isNamed = X86Base.IsSupported && (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax >= 0x80000004;
        if (!isNamed) return $"{RuntimeInformation.ProcessArchitecture}";
        var registers = new List<int>();
        for (var leaf = first; leaf < first + 3; leaf++)
        {
            var (eax, ebx, ecx, edx) = X86Base.CpuId(leaf, 0);
            registers.AddRange([eax, ebx, ecx, edx]);
        }
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(registers))).Trim('\0', ' ');
    }
}
